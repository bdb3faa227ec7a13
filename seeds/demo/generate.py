"""Write the demo seeds: two years of a made-up shop, with planted personas and dirt.

``python seeds/demo/generate.py`` rewrites the five CSV files beside this one;
``python seeds/demo/generate.py --check`` changes nothing and exits with 1 when a file on disk
differs from what it would write.

The files are the same to the byte on every machine and every Python from 3.11 on. Therefore
the only source of chance is ``random.Random(seed).random()``, whose values Python guarantees,
and the only arithmetic is the four basic operations: ``exp`` and ``log`` may differ in the
last digit from one C library to the next. Money is counted in whole cents.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED = 20260101
END = datetime(2026, 1, 1)  # the last order falls on 2025-12-31; "days ago" counts from here
HISTORY_DAYS = 731  # 24 months, one of them in a leap year
PROSPECTS = 60
WITHOUT_CONSENT = 40


# ------------------------------------------------------------------- what the shop looks like


@dataclass(frozen=True)
class Steady:
    """A persona that buys at a steady pace; pairs are (median, spread of the logarithm).

    `orders` is their number, `tenure` the range of days ago of the first one,
    `quiet` the days since the last one.
    """

    orders: tuple[float, float]
    tenure: tuple[int, int]
    quiet: tuple[float, float]


@dataclass(frozen=True)
class Seasonal:
    """A persona that buys in some weeks of the year only, given as ranges of days ago."""

    orders: tuple[float, float]
    seasons: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Basket:
    """What a persona buys, order by order.

    `lines` is the median number of lines an order, `quantity` the pieces a line (median and
    spread of the logarithm), `price` the place on the price list from 0 (cheapest) to 1
    (dearest), `returns` the chance that a line comes back.
    """

    lines: float
    quantity: tuple[float, float]
    price: float
    returns: float


@dataclass(frozen=True)
class Persona:
    """One kind of customer: how many there are and how they behave.

    `channels` weighs web, app and store; `age` is the mean in years; `responds` is the chance
    of answering a campaign.
    """

    name: str
    customers: int
    rhythm: Steady | Seasonal
    basket: Basket
    channels: tuple[int, int, int]
    age: int
    responds: float


GIFT_SEASONS = ((372, 432), (6, 66))  # late October to Christmas of 2024 and of 2025

PERSONAS = (
    Persona(
        "champions",
        160,
        Steady(orders=(18.0, 0.25), tenure=(450, 725), quiet=(3.5, 0.6)),
        Basket(lines=1.8, quantity=(1.5, 0.4), price=0.72, returns=0.02),
        channels=(50, 40, 10),
        age=46,
        responds=0.34,
    ),
    Persona(
        "loyal",
        270,
        Steady(orders=(8.0, 0.25), tenure=(320, 725), quiet=(18.0, 0.55)),
        Basket(lines=1.4, quantity=(1.2, 0.35), price=0.48, returns=0.02),
        channels=(45, 25, 30),
        age=49,
        responds=0.22,
    ),
    Persona(
        "new",
        300,
        Steady(orders=(1.3, 0.4), tenure=(8, 80), quiet=(28.0, 0.55)),
        Basket(lines=1.4, quantity=(1.2, 0.4), price=0.48, returns=0.005),
        channels=(35, 50, 15),
        age=31,
        responds=0.15,
    ),
    Persona(
        "lapsing",
        270,
        Steady(orders=(4.2, 0.3), tenure=(430, 725), quiet=(180.0, 0.27)),
        Basket(lines=1.5, quantity=(1.3, 0.4), price=0.5, returns=0.015),
        channels=(50, 20, 30),
        age=42,
        responds=0.08,
    ),
    Persona(
        "lost",
        320,
        Steady(orders=(1.5, 0.4), tenure=(450, 725), quiet=(500.0, 0.2)),
        Basket(lines=1.4, quantity=(1.2, 0.4), price=0.44, returns=0.005),
        channels=(40, 10, 50),
        age=45,
        responds=0.02,
    ),
    Persona(
        "seasonal",
        220,
        Seasonal(orders=(3.2, 0.22), seasons=GIFT_SEASONS),
        Basket(lines=2.1, quantity=(1.7, 0.4), price=0.7, returns=0.01),
        channels=(60, 20, 20),
        age=52,
        responds=0.12,
    ),
    Persona(
        "bulk",
        160,
        Steady(orders=(4.5, 0.3), tenure=(300, 725), quiet=(45.0, 0.55)),
        Basket(lines=1.9, quantity=(20.0, 0.45), price=0.5, returns=0.01),
        channels=(85, 5, 10),
        age=44,
        responds=0.10,
    ),
    Persona(
        "bargain",
        300,
        Steady(orders=(5.2, 0.28), tenure=(150, 480), quiet=(42.0, 0.5)),
        Basket(lines=1.5, quantity=(1.1, 0.3), price=0.13, returns=0.25),
        channels=(40, 45, 15),
        age=35,
        responds=0.27,
    ),
)

# Cents of the cheapest and of the dearest product.
CATEGORIES = {
    "beauty": (450, 4500),
    "books": (500, 3900),
    "electronics": (900, 8900),
    "garden": (600, 5900),
    "home": (600, 6900),
    "kitchen": (500, 5900),
    "sports": (700, 7900),
    "toys": (500, 4900),
}
PRODUCTS_PER_CATEGORY = 25
FAVOURITE_SHARE = 0.55
MOST_LINES = 6
BLENDED_SHARE = 0.05  # customers who buy when their persona does, but what another one does
POSTAGE_CHANCE = 0.03
POSTAGE_CENTS = 495
ABROAD_CHANCE = 0.01

CHANNELS = ("web", "app", "store")
COUNTRIES = ("DE", "FR", "GB", "NL", "PL")
COUNTRY_WEIGHTS = (30, 22, 20, 16, 12)
REGIONS = ("north", "east", "south", "west")
ACQUISITION_CHANNELS = ("search", "social", "referral", "affiliate", "store")
ACQUISITION_WEIGHTS = (30, 25, 15, 12, 18)
LOYALTY_TIERS = (("gold", 12), ("silver", 6), ("bronze", 3), ("none", 0))  # orders needed
AGE_SPREAD = 12
PROSPECT_AGE = 38
PROSPECT_RESPONDS = 0.04
NULL_CHANCE = 0.02

# id, name, channel, first and last day
CAMPAIGNS = (
    ("CMP01", "Spring refresh", "email", date(2024, 4, 8), date(2024, 4, 28)),
    ("CMP02", "Summer outdoors", "app", date(2024, 7, 1), date(2024, 7, 21)),
    ("CMP03", "Gift guide 2024", "post", date(2024, 11, 11), date(2024, 12, 8)),
    ("CMP04", "We miss you", "email", date(2025, 3, 3), date(2025, 3, 23)),
    ("CMP05", "Members' week", "app", date(2025, 9, 8), date(2025, 9, 21)),
    ("CMP06", "Gift guide 2025", "post", date(2025, 11, 10), date(2025, 12, 7)),
)
CONTACT_CHANCE = 0.34

# Ids that go wrong easily: leading zeros ('007' is not '7') and letters beyond ASCII.
ODD_IDS = {
    40: "007",
    41: "7",
    390: "0042",
    791: "000815",
    512: "Zoë-Łódź",
    1024: "顧客0001",
    1777: "çağla_ñ",
}

# Rows that must be set aside: kind, rows, column to spoil, values taken in turn. Each is an
# extra copy of a sound row, so that the personas stay as planted.
REJECTED_DIRT = (
    ("missing customer", 25, "customer_id", ("",)),
    ("missing order", 8, "order_id", ("",)),
    ("missing date", 8, "ordered_at", ("",)),
    ("unparsable date", 8, "ordered_at", ("31/31/2025", "soon")),
    ("date in the future", 4, "ordered_at", ("2062-06-15 10:30",)),
    ("date absurdly early", 6, "ordered_at", ("1900-01-01 00:00",)),
    ("missing quantity", 6, "quantity", ("",)),
    ("quantity as text", 4, "quantity", ("two",)),
    ("quantity zero", 6, "quantity", ("0",)),
    ("quantity not finite", 8, "quantity", ("NaN", "inf")),
    ("missing price", 6, "unit_price", ("",)),
    ("price as text", 4, "unit_price", ("ask the manager",)),
    ("price not finite", 4, "unit_price", ("nan",)),
    ("price zero", 8, "unit_price", ("0.00",)),
    ("price negative", 5, "unit_price", ("-9.95",)),
)
REPEATED_KEYS = 8
EXACT_DUPLICATES = 12


# ------------------------------------------------------------------------------------- chance


class Dice:
    """Draws that are identical on every machine, from a seeded stream of uniform numbers."""

    def __init__(self, seed: int) -> None:
        self.uniform = random.Random(seed).random

    def between(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self.uniform() < probability

    def pick(self, values: Sequence[str], weights: Sequence[int] | None = None) -> str:
        """Pick one of `values`, each as likely or in proportion to whole-number `weights`."""
        weights = weights or [1] * len(values)
        mark = self.between(1, sum(weights))
        position = 0
        while mark > weights[position]:
            mark -= weights[position]
            position += 1
        return values[position]

    def bell(self) -> float:
        """Draw from a bell curve of mean 0 and deviation 1: twelve uniform draws, less six."""
        total = -6.0
        for _ in range(12):  # not sum(), which rounds differently from Python 3.12 on
            total += self.uniform()
        return total

    def around(self, median: float, spread: float) -> float:
        """Draw a positive number whose logarithm has deviation `spread` around `median`."""
        return median * growth(spread * self.bell())

    def sample(self, population: int, size: int) -> list[int]:
        """Draw `size` different numbers below `population`, in random order."""
        numbers = list(range(population))
        for position in range(size):
            other = self.between(position, population - 1)
            numbers[position], numbers[other] = numbers[other], numbers[position]
        return numbers[:size]


def growth(rate: float) -> float:
    """Approximate e to the power of `rate` by 1024 small steps of compound growth."""
    factor = 1.0 + rate / 1024
    for _ in range(10):
        factor *= factor
    return factor


def clamp(value: int, low: int, high: int) -> int:
    """Move `value` into the range from `low` to `high`."""
    return max(low, min(high, value))


# ----------------------------------------------------------------------- customers and orders


@dataclass(frozen=True)
class Customer:
    """One person with the traits that stay the same from order to order."""

    customer_id: str
    persona: Persona
    basket: Basket
    country: str
    favourite: str


@dataclass(frozen=True)
class Item:
    """So many pieces of one product; negative on a return."""

    product_id: str
    category: str
    quantity: int
    cents: int


@dataclass(frozen=True)
class Order:
    """A basket, or a return, of one customer at one moment."""

    customer: Customer
    at: datetime
    channel: str
    country: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Line:
    """One row of sample_transactions; every field is text, as in a careless export."""

    line_id: str
    order_id: str
    customer_id: str
    ordered_at: str
    product_id: str
    category: str
    channel: str
    country: str
    quantity: str
    unit_price: str


def make_customers(dice: Dice) -> list[Customer]:
    """Make all customers, the personas well mixed."""
    planted = [persona for persona in PERSONAS for _ in range(persona.customers)]
    mixed = dice.sample(len(planted), len(planted))
    return [
        Customer(
            customer_id=ODD_IDS.get(number, f"C{number:04d}"),
            persona=planted[position],
            basket=draw_basket(planted[position], dice),
            country=dice.pick(COUNTRIES, COUNTRY_WEIGHTS),
            favourite=dice.pick(tuple(CATEGORIES)),
        )
        for number, position in enumerate(mixed, start=1)
    ]


def draw_basket(persona: Persona, dice: Dice) -> Basket:
    """Give most customers the basket of their persona, and a few that of any persona."""
    if dice.chance(BLENDED_SHARE):
        return PERSONAS[dice.between(0, len(PERSONAS) - 1)].basket
    return persona.basket


def order_days(rhythm: Steady | Seasonal, dice: Dice) -> list[int]:
    """Draw on which days one customer ordered.

    Returns
    -------
    list of int, at least one: days before `END`, the earliest order first.
    """
    count = max(1, round(dice.around(*rhythm.orders)))
    if isinstance(rhythm, Seasonal):
        # Whoever came in one season only would be a new or a lost customer, not a seasonal one.
        visits = max(count, len(rhythm.seasons))
        seasons = [rhythm.seasons[turn % len(rhythm.seasons)] for turn in range(visits)]
        return sorted((dice.between(*season) for season in seasons), reverse=True)
    first = dice.between(*rhythm.tenure)
    last = clamp(round(dice.around(*rhythm.quiet)), 1, HISTORY_DAYS)
    if count == 1 or last >= first:
        return [last]
    step = (first - last) / (count - 1)
    between = [first - round(step * (turn + dice.uniform() - 0.5)) for turn in range(1, count - 1)]
    return sorted([first, *(clamp(day, last, first) for day in between), last], reverse=True)


def draw_item(customer: Customer, dice: Dice) -> Item:
    """Put one product into the basket, as the persona's purse and taste have it."""
    at_home = dice.chance(FAVOURITE_SHARE)
    category = customer.favourite if at_home else dice.pick(tuple(CATEGORIES))
    top = PRODUCTS_PER_CATEGORY - 1
    place = clamp(round((customer.basket.price + 0.15 * dice.bell()) * top), 0, top)
    cheapest, dearest = CATEGORIES[category]
    cents = cheapest + (dearest - cheapest) * place * place // (top * top)
    return Item(
        product_id=f"{category[:2].upper()}{place:02d}",
        category=category,
        quantity=max(1, round(dice.around(*customer.basket.quantity))),
        cents=cents // 10 * 10 + 9,
    )


def draw_order(customer: Customer, days_ago: int, dice: Dice) -> Order:
    """Make one order on a given day, in opening hours."""
    midnight = END - timedelta(days=days_ago)
    count = clamp(round(dice.around(customer.basket.lines, 0.4)), 1, MOST_LINES)
    items = [draw_item(customer, dice) for _ in range(count)]
    channel = dice.pick(CHANNELS, customer.persona.channels)
    if channel == "web" and dice.chance(POSTAGE_CHANCE):
        items.append(Item("POSTAGE", "service", 1, POSTAGE_CENTS))
    return Order(
        customer=customer,
        at=midnight + timedelta(minutes=dice.between(8 * 60, 22 * 60 - 1)),
        channel=channel,
        country=dice.pick(COUNTRIES) if dice.chance(ABROAD_CHANCE) else customer.country,
        items=tuple({item.product_id: item for item in items}.values()),
    )


def draw_return(order: Order, dice: Dice) -> Order | None:
    """Send part of an order back within four weeks, or nothing (None)."""
    sent_back = tuple(
        replace(item, quantity=-dice.between(1, item.quantity))
        for item in order.items
        if item.category != "service" and dice.chance(order.customer.basket.returns)
    )
    at = order.at + timedelta(days=dice.between(2, 28), minutes=dice.between(0, 59))
    if not sent_back or at >= END:
        return None
    return replace(order, at=at, items=sent_back)


def make_orders(customers: Iterable[Customer], dice: Dice) -> list[Order]:
    """Make every order and every return, in the order of time."""
    orders = []
    for customer in customers:
        for days_ago in order_days(customer.persona.rhythm, dice):
            order = draw_order(customer, days_ago, dice)
            sent_back = draw_return(order, dice)
            orders += [order] if sent_back is None else [order, sent_back]
    return sorted(orders, key=lambda order: (order.at, order.customer.customer_id))


def money(cents: int) -> str:
    """Write cents as an amount with two decimals."""
    return f"{cents // 100}.{cents % 100:02d}"


def make_lines(orders: Iterable[Order]) -> list[Line]:
    """Write orders as rows of text; returns have order ids of their own, with an R."""
    lines: list[Line] = []
    for number, order in enumerate(orders, start=1):
        prefix = "R" if order.items[0].quantity < 0 else "O"
        for item in order.items:
            line = Line(
                line_id=f"L{len(lines) + 1:05d}",
                order_id=f"{prefix}{number:05d}",
                customer_id=order.customer.customer_id,
                ordered_at=order.at.strftime("%Y-%m-%d %H:%M"),
                product_id=item.product_id,
                category=item.category,
                channel=order.channel,
                country=order.country,
                quantity=str(item.quantity),
                unit_price=money(item.cents),
            )
            lines.append(line)
    return lines


# --------------------------------------------------------------------------------------- dirt


def with_offset(line: Line) -> Line:
    """Write the same moment as a clock two hours ahead of UTC shows it."""
    local = datetime.fromisoformat(line.ordered_at) + timedelta(hours=2)
    return replace(line, ordered_at=f"{local.isoformat()}+02:00")


# Rows that look odd and are sound: rows, and the other way to write the same thing.
KEPT_DIRT: tuple[tuple[int, Callable[[Line], Line]], ...] = (
    (8, lambda line: replace(line, ordered_at=line.ordered_at.replace(" ", "T"))),
    (8, with_offset),
    (6, lambda line: replace(line, quantity=f" {line.quantity} ")),
    (6, lambda line: replace(line, unit_price=f" {line.unit_price} ")),
)


def add_dirt(lines: Sequence[Line], dice: Dice) -> list[Line]:
    """Add unusable rows and rewrite a few sound ones oddly.

    Every kind gets rows of its own, so that each row has one fault. Returns and service lines
    stay clean: a fault on them would be two things at once.

    Parameters
    ----------
    lines : sequence of Line. The sound rows; left as they are.
    dice : Dice. Chooses the rows.

    Returns
    -------
    list of Line: the sound rows first, in the same places, then the added ones.
    """
    dirty = list(lines)
    sales = [
        position
        for position, line in enumerate(lines)
        if line.order_id.startswith("O") and line.category != "service"
    ]
    drawn = (sales[place] for place in dice.sample(len(sales), len(sales)))

    def append(line: Line) -> None:
        dirty.append(replace(line, line_id=f"L{len(dirty) + 1:05d}"))

    for count, rewrite in KEPT_DIRT:
        for _ in range(count):
            position = next(drawn)
            dirty[position] = rewrite(dirty[position])
    for _, count, column, values in REJECTED_DIRT:
        for turn in range(count):
            append(replace(lines[next(drawn)], **{column: values[turn % len(values)]}))
    for _ in range(REPEATED_KEYS):
        line = lines[next(drawn)]
        dirty.append(replace(line, quantity=str(int(line.quantity) + 1)))
    for _ in range(EXACT_DUPLICATES):
        position = next(drawn)
        dirty[position] = replace(dirty[position], line_id="")
        dirty.append(dirty[position])
    return dirty


# ----------------------------------------------------------- attributes, campaigns, the files


def customer_rows(
    customers: Sequence[Customer], orders: Iterable[Order], dice: Dice
) -> list[list[str]]:
    """Describe every customer and some prospects who never ordered."""
    placed: dict[str, list[datetime]] = {}
    for order in orders:
        if order.items[0].quantity > 0:
            placed.setdefault(order.customer.customer_id, []).append(order.at)
    silent = set(dice.sample(len(customers), WITHOUT_CONSENT))
    rows = []
    for position, customer in enumerate(customers):
        consent = dice.pick(("false", ""), (2, 1)) if position in silent else "true"
        rows.append(
            [
                customer.customer_id,
                *attributes(customer.persona.age, len(placed[customer.customer_id]), dice),
                consent,
                signed_up_on(min(placed[customer.customer_id]), dice),
            ]
        )
    for number in range(1, PROSPECTS + 1):
        rows.append(
            [
                f"P{number:04d}",
                *attributes(PROSPECT_AGE, 0, dice),
                dice.pick(("true", "false", ""), (8, 1, 1)),
                signed_up_on(END - timedelta(days=dice.between(10, 400)), dice),
            ]
        )
    return rows


def attributes(age: int, orders: int, dice: Dice) -> list[str]:
    """Draw age, region, acquisition channel (each may be unknown) and loyalty tier."""
    drawn = (
        str(clamp(round(age + AGE_SPREAD * dice.bell()), 18, 90)),
        dice.pick(REGIONS),
        dice.pick(ACQUISITION_CHANNELS, ACQUISITION_WEIGHTS),
    )
    tier = next(name for name, needed in LOYALTY_TIERS if orders >= needed)
    return [*("" if dice.chance(NULL_CHANCE) else value for value in drawn), tier]


def signed_up_on(first_seen: datetime, dice: Dice) -> str:
    """Date the signing-up to the three weeks before the first order or contact."""
    return (first_seen - timedelta(days=dice.between(0, 20))).date().isoformat()


def response_rows(
    customers: Sequence[Customer], described: Iterable[list[str]], dice: Dice
) -> list[list[str]]:
    """Contact a share of those signed up with consent, and let some answer."""
    chances = {customer.customer_id: customer.persona.responds for customer in customers}
    known = [(row[0], date.fromisoformat(row[6])) for row in described if row[5] == "true"]
    rows = []
    for campaign_id, _, _, start, end in CAMPAIGNS:
        for customer_id, signed_up in known:
            if signed_up >= start or not dice.chance(CONTACT_CHANCE):
                continue
            contacted = start + timedelta(days=dice.between(0, 3))
            answered = ""
            if dice.chance(chances.get(customer_id, PROSPECT_RESPONDS)):
                answered = min(end, contacted + timedelta(days=dice.between(0, 14))).isoformat()
            rows.append([campaign_id, customer_id, contacted.isoformat(), answered])
    return rows


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a table as UTF-8 CSV with Unix line ends; no field here ever needs a quote."""
    return "".join(",".join(row) + "\n" for row in (header, *rows)).encode()


def make_files() -> dict[str, bytes]:
    """Make the whole demo.

    Returns
    -------
    dict of str to bytes: the content of each of the five files, by file name.
    """
    # A stream of chance for each part: a change to one part leaves the others as they are.
    streams = [Dice(SEED + part) for part in range(5)]
    customers = make_customers(streams[0])
    orders = make_orders(customers, streams[1])
    lines = add_dirt(make_lines(orders), streams[2])
    described = customer_rows(customers, orders, streams[3])
    responses = response_rows(customers, described, streams[4])
    return {
        "sample_transactions.csv": as_csv(
            [field.name for field in fields(Line)], [astuple(line) for line in lines]
        ),
        "sample_customers.csv": as_csv(
            (
                "customer_id",
                "age",
                "region",
                "acquisition_channel",
                "loyalty_tier",
                "has_consent",
                "signed_up_on",
            ),
            described,
        ),
        "sample_campaigns.csv": as_csv(
            ("campaign_id", "name", "channel", "started_on", "ended_on"),
            [(*words, start.isoformat(), end.isoformat()) for *words, start, end in CAMPAIGNS],
        ),
        "sample_campaign_responses.csv": as_csv(
            ("campaign_id", "customer_id", "contacted_on", "responded_on"), responses
        ),
        "sample_personas.csv": as_csv(
            ("customer_id", "persona"),
            [(customer.customer_id, customer.persona.name) for customer in customers],
        ),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with ``--check`` compare them; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the demo seeds.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when a file differs"
    )
    check = parser.parse_args(arguments).check
    differing = 0
    for name, content in make_files().items():
        path = HERE / name
        if not check:
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            print(f"{name} differs: run `python seeds/demo/generate.py`", file=sys.stderr)
            differing = 1
    return differing


if __name__ == "__main__":
    sys.exit(main())
