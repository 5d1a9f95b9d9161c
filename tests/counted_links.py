"""The numbers that a page shows as links, and how many rows are behind each."""

import re
from html import unescape

from django.test import Client

NUMBER_LINK = re.compile(r'<td class="number[^"]*"><a href="([^"]+)">([\d,]+)</a></td>')
COUNT = re.compile(r'id="count"[^>]*>([\d,]+) in all')


def numbers_shown(text: str) -> list[tuple[str, int]]:
    """Return address and number of every number that is a link."""
    found = NUMBER_LINK.findall(text)
    return [(unescape(address), int(number.replace(",", ""))) for address, number in found]


def rows_behind(browser: Client, address: str) -> int:
    """Return how many rows there are at ``address``, counted one by one through all pages."""
    rows, told = 0, None
    while address:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        bodies = re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
        rows += sum(body.count("<tr") - body.count('class="empty"') for body in bodies)
        told = COUNT.search(text) or told
        onward = re.search(r'href="([^"]+)"[^>]*>Next</a>', text)
        address = f"{address.split('?', maxsplit=1)[0]}{unescape(onward[1])}" if onward else ""
    assert told is None or int(told[1].replace(",", "")) == rows
    return rows


def assert_numbers_agree(browser: Client, address: str) -> list[tuple[str, int]]:
    """Click every number of a page; each leads to exactly as many rows. Return the numbers."""
    numbers = numbers_shown(browser.get(address).content.decode())
    wrong = [
        f"{target}: {number} shown, {rows} behind"
        for target, number in numbers
        if (rows := rows_behind(browser, target)) != number
    ]
    assert not wrong, "\n".join(wrong)
    return numbers
