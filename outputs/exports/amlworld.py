"""The tables ``transactions`` and ``accounts`` as the files of AMLworld (IBM Transactions for Anti Money Laundering).

AMLworld (Altman et al., *Realistic Synthetic Financial Transactions for Anti-Money Laundering Models*, NeurIPS 2023)
has three files a set: ``*_Trans.csv``, one row a payment; ``*_accounts.csv``, who holds which account at which bank;
``*_Patterns.txt``, the payments of each laundering attempt of eight patterns. Times are cut to the minute, banks and
accounts are texts, and names of currencies and formats are those of the published sets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl

from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.exports.amlworld_attempts import ATTEMPTS, attempts_text
from bustle.outputs.exports.run_tables import RunTables
from bustle.outputs.text_file import write_text_file
from bustle.outputs.unfinished import partial_of

HEADER = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,"
    "Payment Format,Is Laundering"
)
"""The first line of ``*_Trans.csv``; both columns of accounts have one name."""
ACCOUNTS_HEADER = ("Bank Name", "Bank ID", "Account Number", "Entity ID", "Entity Name")

TRANSACTIONS = {
    "time": "when",
    "payer": "the account that pays",
    "payee": "the account that is paid",
    "amount_paid": "in the currency of the payer",
    "currency_paid": "its name",
    "amount_received": "in the currency of the payee",
    "currency_received": "its name",
    "format": "how it was paid",
    "laundering": "the label",
    "pattern": "the pattern of a laundering attempt",
    "episode": "the laundering attempt",
    "stage": "placement, layering or integration",
}
"""Columns that the table ``transactions`` must have."""
ACCOUNTS = {"id": "the account", "bank": "its bank", "holder": "who holds it", "kind": "what the holder is"}
"""Columns that the table ``accounts`` must have."""

FORMATS = {
    "ach": "ACH",
    "bitcoin": "Bitcoin",
    "cash": "Cash",
    "cheque": "Cheque",
    "credit_card": "Credit Card",
    "reinvestment": "Reinvestment",
    "wire": "Wire",
}
"""AMLworld's name of each payment format."""
ENTITIES = {
    "individual": "Individual",
    "sole_proprietorship": "Sole Proprietorship",
    "partnership": "Partnership",
    "corporation": "Corporation",
}
"""AMLworld's name of each kind of holder."""

_MILLIBITCOIN, _BITCOIN = "Millibitcoin", "Bitcoin"
"""A ledger in whole hundredths needs a small unit; AMLworld's is the bitcoin, with more decimals."""
_BATCH = 500_000
"""Rows that are formatted at a time."""
_FIRST_ID = 0x800000000
"""AMLworld's numbers of accounts and entities are nine hexadecimal digits, the first an 8."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        files: the files, in the order transactions, accounts, patterns.
        transactions: rows of the first.
        accounts: rows of the second.
        attempts: blocks of the third.
    """

    files: tuple[Path, Path, Path]
    transactions: int
    accounts: int
    attempts: int


def export_amlworld(folder: Path | str, out: Path | str, *, name: str | None = None, force: bool = False) -> Exported:
    """Write the run in ``folder`` as AMLworld's three files.

    Args:
        folder: a run that has the tables ``transactions`` and ``accounts``, with the columns of `TRANSACTIONS` and
            `ACCOUNTS`, in Parquet or Arrow IPC.
        out: where the files go; made if it is not there.
        name: what the files' names begin with; the scenario's name if not given.
        force: replace files of these names.

    Raises:
        OutputError: the folder holds no complete run, or not these tables and columns; a value has no counterpart in
            AMLworld; a file is there already, or cannot be written.
    """
    tables = RunTables(folder)
    transactions, accounts = tables.scan("transactions", TRANSACTIONS), tables.scan("accounts", ACCOUNTS)
    files = _files(Path(out), tables.scenario if name is None else name, force)
    who = _accounts(accounts)
    rows, attempts = _write_transactions(files[0], transactions, who)
    _write_accounts(files[1], who)
    text, blocks = attempts_text(attempts)
    write_text_file(files[2], text)
    return Exported(files, rows, who.height, blocks)


def _files(out: Path, name: str, force: bool) -> tuple[Path, Path, Path]:
    if not re.fullmatch(r"\w[\w .-]*", name):
        raise OutputError(f"the files cannot be called {name!r}: a name has letters, digits, and - or . between them")
    with one_clear_line("write to", out):
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out} is a file, not a folder")
        out.mkdir(parents=True, exist_ok=True)
    files = (out / f"{name}_Trans.csv", out / f"{name}_accounts.csv", out / f"{name}_Patterns.txt")
    there = [file for file in files if file.exists()]
    if there and not force:
        raise OutputError(f"{there[0]} is there already; --force replaces it")
    return files


def _accounts(table: pl.LazyFrame) -> pl.DataFrame:
    """The accounts in order of their ids, as texts of AMLworld, a row for every id from 0."""
    found = table.select(*ACCOUNTS).collect().sort("id")
    if not (found["id"] == pl.int_range(found.height, eager=True)).all():
        raise OutputError("the table accounts has no row for some accounts; record it at the end of the run, whole")
    entity = _renamed(found["kind"], ENTITIES, "kinds of holders")
    number = pl.col("holder").cast(pl.String)
    return found.select(
        ("Bank #" + (pl.col("bank") + 1).cast(pl.String)).alias("bank_name"),
        (pl.col("bank") + 1).cast(pl.String).str.zfill(3).alias("bank"),
        _identifier("id").alias("account"),
        _identifier("holder").alias("entity"),
        pl.concat_str(entity, pl.lit(" #"), number).alias("entity_name"),
    )


def _identifier(column: str) -> pl.Expr:
    """Nine hexadecimal digits for each id."""

    def digits(ids: pl.Series) -> pl.Series:
        return pl.Series(ids.name, [f"{_FIRST_ID + 16 * number:X}" for number in ids], pl.String)

    return pl.col(column).map_batches(digits, return_dtype=pl.String)


def _renamed(values: pl.Series, names: dict[str, str], what: str) -> pl.Series:
    """``values`` under the names of AMLworld."""
    texts = values.cast(pl.String)
    unknown = sorted(set(texts.unique().to_list()) - set(names), key=str)
    if unknown:
        raise OutputError(f"AMLworld has no {what} {unknown[0]!r}; it has those of {', '.join(names)}")
    return texts.replace_strict(names, return_dtype=pl.String)


def _write_transactions(path: Path, table: pl.LazyFrame, who: pl.DataFrame) -> tuple[int, pl.DataFrame]:
    """Write ``*_Trans.csv``.

    Returns:
        The number of rows, and the formatted rows of laundering attempts with their pattern, episode and accounts.
    """
    rows = int(table.select(pl.len()).collect().item())
    attempts = [_formatted(table.head(0).collect(), who)]
    partial = partial_of(path)
    try:
        with one_clear_line("write", path), partial.open("wb") as file:
            file.write(f"{HEADER}\n".encode())
            for start in range(0, rows, _BATCH):
                batch = _formatted(table.slice(start, _BATCH).collect(), who)
                _append(file, batch)
                attempts.append(batch.filter(_of_attempt()))
        partial.replace(path)
    except OutputError:
        partial.unlink(missing_ok=True)
        raise
    return rows, pl.concat(attempts)


def _of_attempt() -> pl.Expr:
    """Rows that belong into ``*_Patterns.txt``: AMLworld's eight patterns, without how money enters and leaves."""
    return (pl.col("Is Laundering") == 1) & (pl.col("stage") == "layering") & pl.col("pattern").is_in(list(ATTEMPTS))


_WRITTEN = (
    "Timestamp",
    "From Bank",
    "From Account",
    "To Bank",
    "To Account",
    "Amount Received",
    "Receiving Currency",
    "Amount Paid",
    "Payment Currency",
    "Payment Format",
    "Is Laundering",
)


def _append(file: IO[bytes], batch: pl.DataFrame) -> None:
    batch.select(_WRITTEN).write_csv(file, include_header=False, quote_style="never")


def _formatted(batch: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    """Rows as AMLworld writes them, all but the label as texts, and what `attempts_text` needs beside them."""
    payer, payee = who[batch["payer"]], who[batch["payee"]]
    return pl.DataFrame(
        [
            batch["time"].dt.strftime("%Y/%m/%d %H:%M").alias("Timestamp"),
            payer["bank"].alias("From Bank"),
            payer["account"].alias("From Account"),
            payee["bank"].alias("To Bank"),
            payee["account"].alias("To Account"),
            _amount(batch["amount_received"], batch["currency_received"]).alias("Amount Received"),
            _currency(batch["currency_received"]).alias("Receiving Currency"),
            _amount(batch["amount_paid"], batch["currency_paid"]).alias("Amount Paid"),
            _currency(batch["currency_paid"]).alias("Payment Currency"),
            _renamed(batch["format"], FORMATS, "payment formats").alias("Payment Format"),
            batch["laundering"].cast(pl.Int8).alias("Is Laundering"),
            batch["pattern"].cast(pl.String),
            batch["stage"].cast(pl.String),
            batch["episode"],
        ]
    )


def _currency(names: pl.Series) -> pl.Series:
    return names.cast(pl.String).replace(_MILLIBITCOIN, _BITCOIN)


def _amount(amounts: pl.Series, currencies: pl.Series) -> pl.Series:
    """Amounts with two decimals, bitcoins with five."""
    cents = (pl.col("amount").cast(pl.Float64) * 100).round().cast(pl.Int64)

    def written(decimals: int) -> pl.Expr:
        unit = 10**decimals
        fraction = (cents % unit).cast(pl.String).str.zfill(decimals)
        return pl.concat_str((cents // unit).cast(pl.String), pl.lit("."), fraction)

    frame = pl.DataFrame([amounts.alias("amount"), currencies.cast(pl.String).alias("currency")])
    coins = pl.col("currency") == _MILLIBITCOIN
    return frame.select(pl.when(coins).then(written(5)).otherwise(written(2))).to_series()


def _write_accounts(path: Path, who: pl.DataFrame) -> None:
    table = who.select("bank_name", "bank", "account", "entity", "entity_name")
    table.columns = list(ACCOUNTS_HEADER)
    write_text_file(path, table.write_csv(quote_style="never"))
