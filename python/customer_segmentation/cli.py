"""The command `customer-segmentation`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

INSTALL = "pip install 'customer-segmentation[report]'"


def main(arguments=None) -> int:
    """Run a subcommand; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="customer-segmentation", description="Look at what a build of the segments published."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    report = commands.add_parser(
        "report", help="write the report on a published file as one HTML file"
    )
    report.add_argument(
        "published",
        nargs="?",
        type=Path,
        default=Path("published"),
        help="folder of segmentation_publish_path, or a file in it (default: published)",
    )
    report.add_argument(
        "--output", type=Path, default=Path("report.html"), help="default: report.html"
    )
    report.set_defaults(run=write_report)
    options = parser.parse_args(arguments)
    return options.run(options)


def write_report(options) -> int:
    """Write the report; say where it lies, or what to do instead."""
    try:
        from customer_segmentation.report import ReportError, render
    except ImportError as error:
        print(
            f"The report needs packages that are not installed ({error}): run `{INSTALL}`.",
            file=sys.stderr,
        )
        return 1
    try:
        html = render(options.published)
        options.output.write_text(html, encoding="utf-8")
    except ReportError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The report cannot be written to {options.output}: {error}.", file=sys.stderr)
        return 1
    print(f"Report: {options.output.resolve()} ({options.output.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
