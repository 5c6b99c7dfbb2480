"""The compiled engine: typed rules become machine code over columns in memory.

    model --generate--> units of text --compile--> machine code --link--> memory --schedule--> rows

`generating` writes one unit for each rule, clock and condition; `building` compiles what no earlier run has; `linking`
lays out the run in memory and gives each unit its table of addresses and keys; `schedules` runs it; `rows` hands on
what was emitted. Kernels written by hand (`agenda`, `queue`, `firing`, ...) do what all scenarios have in common.
"""
