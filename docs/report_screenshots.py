"""Take the screenshots of the report: `python docs/report_screenshots.py report.html`.

Needs Chromium and Playwright, which the development group installs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
SHOTS = {
    "report-desktop": {"width": 1280, "height": 1150, "scheme": "light", "at": None},
    "report-charts": {"width": 1280, "height": 1150, "scheme": "light", "at": "#map"},
    "report-phone": {"width": 390, "height": 1400, "scheme": "light", "at": "#who"},
    "report-dark": {"width": 1280, "height": 1150, "scheme": "dark", "at": "#drivers"},
}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> int:
    """Write the images into docs/images; return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("report", type=Path)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=FLAGS)
        for name, shot in SHOTS.items():
            page = browser.new_page(
                viewport={"width": shot["width"], "height": shot["height"]},
                color_scheme=shot["scheme"],
            )
            page.goto(options.report.resolve().as_uri())
            page.wait_for_selector("html[data-drawn]")
            if shot["at"]:
                page.evaluate(
                    "at => { document.documentElement.style.scrollBehavior = 'auto';"
                    " document.querySelector(at).scrollIntoView(); }",
                    shot["at"],
                )
            page.wait_for_timeout(300)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
