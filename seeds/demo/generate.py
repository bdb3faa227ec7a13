"""Write the demo seeds: two years of a made-up shop, with planted personas and dirt.

``python seeds/demo/generate.py`` rewrites the six CSV files beside this one;
``python seeds/demo/generate.py --check`` changes nothing and exits with 1 when a file on disk
differs from what it would write.

The files are the same to the byte on every machine and every Python from 3.11 on. Therefore
the only source of chance is ``random.Random(seed).random()``, whose values Python guarantees,
and the only arithmetic is the four basic operations: ``exp`` and ``log`` may differ in the
last digit from one C library to the next. Money is counted in whole cents.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from dice import Dice, clamp
from shop import (
    ABROAD_CHANCE,
    ACQUISITION_CHANNELS,
    ACQUISITION_WEIGHTS,
    AGE_SPREAD,
    BLENDED_SHARE,
    CAMPAIGNS,
    CATEGORIES,
    CHANNELS,
    CONTACT_CHANCE,
    COUNTRIES,
    COUNTRY_WEIGHTS,
    END,
    EVENTS_DAYS,
    EXACT_DUPLICATES,
    FAVOURITE_SHARE,
    HISTORY_DAYS,
    LOYALTY_TIERS,
    MOST_LINES,
    NEWSLETTER_CHANCE,
    NULL_CHANCE,
    ODD_IDS,
    PERSONAS,
    POSTAGE_CENTS,
    POSTAGE_CHANCE,
    PRODUCTS_PER_CATEGORY,
    PROSPECT_AGE,
    PROSPECT_BROWSES,
    PROSPECT_RESPONDS,
    PROSPECTS,
    REGIONS,
    REJECTED_DIRT,
    REJECTED_EVENTS,
    REPEATED_KEYS,
    SEEN_CHANCE,
    WITHOUT_CONSENT,
    Basket,
    Persona,
    Seasonal,
    Steady,
)

HERE = Path(__file__).resolve().parent
SEED = 20260101


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
class Event:
    """One row of sample_events; every field is text, as in a careless export."""

    customer_id: str
    event_at: str
    event_type: str


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


# --------------------------------------------------- attributes, campaigns, visits, the files


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


def make_events(
    customers: Sequence[Customer],
    orders: Iterable[Order],
    described: Iterable[list[str]],
    dice: Dice,
) -> list[Event]:
    """Record visits to web and app: those that end in an order, those that do not, and dirt."""
    personas = {customer.customer_id: customer.persona for customer in customers}
    start = END - timedelta(days=EVENTS_DAYS)
    visits = []
    for order in orders:
        is_online = order.items[0].quantity > 0 and order.channel != "store"
        if is_online and order.at >= start and dice.chance(SEEN_CHANCE):
            at = order.at - timedelta(minutes=dice.between(2, 40))
            visits.append((at, order.customer.customer_id, order.channel))
    for customer_id, *_, signed_up_on in described:
        persona = personas.get(customer_id)
        browses = persona.browses if persona else PROSPECT_BROWSES
        channels = persona.channels[:2] if persona else (1, 1)
        known = clamp((END.date() - date.fromisoformat(signed_up_on)).days, 1, EVENTS_DAYS)
        # a fraction of a visit is rounded up by chance, so that few visits are not always none
        count = int(dice.around(browses, 0.5) * known / EVENTS_DAYS + dice.uniform())
        for _ in range(count):
            midnight = END - timedelta(days=dice.between(1, known))
            at = midnight + timedelta(minutes=dice.between(0, 1439))
            channel = dice.pick(("web", "app"), channels)
            visits.append((at, customer_id, "email" if dice.chance(NEWSLETTER_CHANCE) else channel))
    sound = [
        Event(customer_id, at.strftime("%Y-%m-%d %H:%M"), event_type)
        for at, customer_id, event_type in sorted(visits)
    ]
    drawn = (sound[place] for place in dice.sample(len(sound), len(sound)))
    return sound + [
        replace(next(drawn), **{column: values[turn % len(values)]})
        for _, count, column, values in REJECTED_EVENTS
        for turn in range(count)
    ]


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a table as UTF-8 CSV with Unix line ends; no field here ever needs a quote."""
    return "".join(",".join(row) + "\n" for row in (header, *rows)).encode()


def make_files() -> dict[str, bytes]:
    """Make the whole demo.

    Returns
    -------
    dict of str to bytes: the content of each of the six files, by file name.
    """
    # A stream of chance for each part: a change to one part leaves the others as they are.
    streams = [Dice(SEED + part) for part in range(6)]
    customers = make_customers(streams[0])
    orders = make_orders(customers, streams[1])
    lines = add_dirt(make_lines(orders), streams[2])
    described = customer_rows(customers, orders, streams[3])
    responses = response_rows(customers, described, streams[4])
    events = make_events(customers, orders, described, streams[5])
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
        "sample_events.csv": as_csv(
            [field.name for field in fields(Event)], [astuple(event) for event in events]
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
