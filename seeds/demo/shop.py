"""What the demo shop is like, as numbers: personas, products, campaigns, visits and dirt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

END = datetime(2026, 1, 1)  # the last order falls on 2025-12-31; "days ago" counts from here
HISTORY_DAYS = 731  # 24 months, one of them in a leap year
PROSPECTS = 60
WITHOUT_CONSENT = 40


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
    of answering a campaign; `browses` is the median number of visits to web or app that are no
    order, in the time that visits are recorded.
    """

    name: str
    customers: int
    rhythm: Steady | Seasonal
    basket: Basket
    channels: tuple[int, int, int]
    age: int
    responds: float
    browses: float


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
        browses=5.0,
    ),
    Persona(
        "loyal",
        270,
        Steady(orders=(8.0, 0.25), tenure=(320, 725), quiet=(18.0, 0.55)),
        Basket(lines=1.4, quantity=(1.2, 0.35), price=0.48, returns=0.02),
        channels=(45, 25, 30),
        age=49,
        responds=0.22,
        browses=2.2,
    ),
    Persona(
        "new",
        300,
        Steady(orders=(1.3, 0.4), tenure=(8, 80), quiet=(28.0, 0.55)),
        Basket(lines=1.4, quantity=(1.2, 0.4), price=0.48, returns=0.005),
        channels=(35, 50, 15),
        age=31,
        responds=0.15,
        browses=2.6,
    ),
    Persona(
        "lapsing",
        270,
        Steady(orders=(4.2, 0.3), tenure=(430, 725), quiet=(180.0, 0.27)),
        Basket(lines=1.5, quantity=(1.3, 0.4), price=0.5, returns=0.015),
        channels=(50, 20, 30),
        age=42,
        responds=0.08,
        browses=0.7,
    ),
    Persona(
        "lost",
        320,
        Steady(orders=(1.5, 0.4), tenure=(450, 725), quiet=(500.0, 0.2)),
        Basket(lines=1.4, quantity=(1.2, 0.4), price=0.44, returns=0.005),
        channels=(40, 10, 50),
        age=45,
        responds=0.02,
        browses=0.3,
    ),
    Persona(
        "seasonal",
        220,
        Seasonal(orders=(3.2, 0.22), seasons=GIFT_SEASONS),
        Basket(lines=2.1, quantity=(1.7, 0.4), price=0.7, returns=0.01),
        channels=(60, 20, 20),
        age=52,
        responds=0.12,
        browses=0.9,
    ),
    Persona(
        "bulk",
        160,
        Steady(orders=(4.5, 0.3), tenure=(300, 725), quiet=(45.0, 0.55)),
        Basket(lines=1.9, quantity=(20.0, 0.45), price=0.5, returns=0.01),
        channels=(85, 5, 10),
        age=44,
        responds=0.10,
        browses=1.2,
    ),
    Persona(
        "bargain",
        300,
        Steady(orders=(5.2, 0.28), tenure=(150, 480), quiet=(42.0, 0.5)),
        Basket(lines=1.5, quantity=(1.1, 0.3), price=0.13, returns=0.25),
        channels=(40, 45, 15),
        age=35,
        responds=0.27,
        browses=3.4,
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

# Visits to web and app, of which the shop keeps half a year. Not every order shows among them: some
# people refuse cookies.
EVENTS_DAYS = 184
SEEN_CHANCE = 0.68
NEWSLETTER_CHANCE = 0.15  # visits that begin with a click in a newsletter
PROSPECT_BROWSES = 1.5

# Events that must be set aside: kind, rows, column to spoil, values taken in turn.
REJECTED_EVENTS = (
    ("missing customer", 12, "customer_id", ("",)),
    ("missing date", 5, "event_at", ("",)),
    ("unparsable date", 4, "event_at", ("yesterday",)),
    ("date absurdly early", 3, "event_at", ("1970-01-01 00:00",)),
    ("date after the last order", 6, "event_at", ("2026-01-01 00:01", "2062-06-15 10:30")),
)

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
