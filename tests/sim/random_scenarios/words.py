"""Names, each of which means one thing wherever it stands."""

from __future__ import annotations

POPULATIONS = ("rider", "shop", "clerk", "truck", "guest", "nurse", "miner", "pilot")
LINKS = ("owner", "home", "boss", "depot", "mentor", "base")
NETWORKS = ("friends", "routes", "circle", "haunts", "peers", "street")
EVENTS = ("sale", "trip", "alert", "repair", "gift", "quarrel")
BEHAVIORS = ("walk", "trade", "rest", "look", "greet", "shift", "mend", "learn", "wander", "pay", "hide", "sing")
PARAMETERS = ("limit", "share", "bonus", "pause", "tempo", "quota", "odds", "span")
GLOBALS = ("total", "mood", "budget", "last_seen", "alarms", "ratio", "weather", "phase")
RHYTHMS = ("office", "night", "season", "lunch")
TABLES = ("rows", "sums", "people", "pairs", "course", "views", "shots", "ties")
STATES = ("idle", "busy", "asleep", "ill", "away")
LEVELS = ("red", "green", "blue", "amber", "violet")
TEXTS = ("north", "south", "east", "")

ATTRIBUTES = {
    "number": ("heat", "drift", "skill"),
    "whole": ("visits", "stock", "age"),
    "bool": ("keen", "lucky"),
    "money": ("purse", "debt"),
    "duration": ("patience", "wait"),
    "rate": ("pace", "urge"),
    "instant": ("due", "since"),
    "episode": ("affair", "case"),
    "category": ("tint", "breed"),
    "agent": ("ally", "rival"),
    "text": ("region", "label"),
    "state": ("seen_state",),
}
FIELDS = ("whom", "amount", "what", "level", "size", "price", "reason", "moment", "mark", "part", "rest_of", "flag")
ARGUMENTS = ("given", "passed", "extra")
