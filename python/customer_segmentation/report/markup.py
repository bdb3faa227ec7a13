"""Write HTML in which data cannot become markup."""

from __future__ import annotations

import html
import json
import re

BOLD_OR_CODE = re.compile(r"(`[^`]+`|\*\*[^*]+\*\*)")


def text(value) -> str:
    """Return a value as text in HTML, also within a quoted attribute."""
    return html.escape(str(value), quote=True)


def embedded_json(value) -> str:
    """Return JSON that no content can break out of, for a script element.

    `<`, `>` and `&` become escapes of JSON, so that neither `</script>` nor `<!--` can occur.
    """
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        content = content.replace(sign, f"\\u{ord(sign):04x}")
    return content


def inline(line) -> str:
    """Return a line of Markdown as HTML: code and bold, nothing else."""
    parts = []
    for part in BOLD_OR_CODE.split(line):
        if part.startswith("`") and part.endswith("`") and len(part) > 2:
            parts.append(f"<code>{text(part[1:-1])}</code>")
        elif part.startswith("**") and part.endswith("**") and len(part) > 4:
            parts.append(f"<strong>{text(part[2:-2])}</strong>")
        else:
            parts.append(text(part))
    return "".join(parts)


def cells(line) -> list[str]:
    r"""Return the cells of a row of a Markdown table; `\|` is no border."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def markdown(source, deepen=2) -> str:
    """Return a plain subset of Markdown as HTML: headings, lists, tables and paragraphs.

    Whatever else there is, raw HTML and links first, stays text.

    Parameters
    ----------
    source : str
    deepen : int. Levels to add to each heading, for its place in the page.
    """
    lines = source.splitlines()
    blocks = []
    while lines:
        line = lines.pop(0)
        if not line.strip():
            continue
        if heading := re.match(r"(#{1,4}) (.*)", line):
            level = min(len(heading[1]) + deepen, 6)
            blocks.append(f"<h{level}>{inline(heading[2])}</h{level}>")
        elif line.startswith("- "):
            items = [line, *taken(lines, "- ")]
            listing = "".join(f"<li>{inline(item[2:])}</li>" for item in items)
            blocks.append(f"<ul>{listing}</ul>")
        elif line.startswith("|"):
            blocks.append(table([line, *taken(lines, "|")]))
        else:
            blocks.append(f"<p>{inline(line)}</p>")
    return "".join(blocks)


def taken(lines, start) -> list[str]:
    """Take the lines off the front that begin alike."""
    front = []
    while lines and lines[0].startswith(start):
        front.append(lines.pop(0))
    return front


def table(lines) -> str:
    """Return a Markdown table, its header in the first line, as HTML that scrolls in itself."""
    header = "".join(f'<th scope="col">{inline(cell)}</th>' for cell in cells(lines[0]))
    body = "".join(
        "<tr>" + "".join(f"<td>{inline(cell)}</td>" for cell in cells(line)) + "</tr>"
        for line in lines[1:]
        if not re.fullmatch(r"[\s|:-]+", line)
    )
    return scrolling(
        f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>", "Table of the card"
    )


def scrolling(content, label) -> str:
    """Return content in a region that scrolls sideways by itself, also by keyboard."""
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{text(label)}">{content}</div>'
    )
