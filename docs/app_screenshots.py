"""Take the screenshots of the app that the documents show: `python docs/app_screenshots.py FILE`.

FILE is a published segmentation. The app is started on this machine and stopped at the end; needs
the extra `app`, playwright, and Chromium in the PATH. Pictures go to docs/images, with 64 colours.
"""

from __future__ import annotations

import argparse
import io
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
WIDE, PHONE = (1280, 900), (390, 844)
SHOTS = {
    "app-overview": (WIDE, "Overview"),
    "app-customers": (WIDE, "Customers"),
    "app-compare": (WIDE, "Compare two builds"),
    "app-phone": (PHONE, "Overview"),
    "app-phone-customers": (PHONE, "Customers"),
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
COLOURS = 64
WAITING_S = 60
# what Streamlit leaves free below the page
EMPTY_END_PX = 120


@contextmanager
def running(published: Path):
    """Start the app on a free port; yield its address, and stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = ROOT / "apps" / "explore" / "app.py"
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", app, "--server.port", str(port), "--", published]
    )
    address = f"http://127.0.0.1:{port}"
    try:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        until = time.monotonic() + WAITING_S
        while True:
            try:
                direct.open(f"{address}/_stcore/health", timeout=2).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.25)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def save(png: bytes, path: Path) -> None:
    """Write a picture with few colours, which a page of text and bars does with."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")


def shoot(browser, address: str, size: tuple[int, int], view: str) -> bytes:
    """Return a picture of a view in a window of a size, down to the end of the page."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(address)
    page.get_by_text("Version ").wait_for()
    page.get_by_test_id("stRadio").get_by_text(view, exact=True).click()
    page.wait_for_timeout(2500)
    # the page scrolls inside a frame of the window's height, so the window is made as high as it
    inner = page.locator('[data-testid="stMainBlockContainer"]').bounding_box()
    page.set_viewport_size(
        {"width": width, "height": int(max(height, inner["height"] - EMPTY_END_PX))}
    )
    page.wait_for_timeout(1500)
    png = page.screenshot()
    page.close()
    return png


def main() -> None:
    """Take all screenshots."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("published", type=Path)
    published = parser.parse_args().published.absolute()
    IMAGES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with running(published) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, (size, view) in SHOTS.items():
            save(shoot(browser, address, size, view), IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
