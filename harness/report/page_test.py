#!/usr/bin/python3 -I
"""The report's page in a real browser: headless Chromium, driven by WebDriver, with no network.

usage: page_test.py MXIDENT RESULTS   makes the page of a results file and uses it
       page_test.py MXIDENT RESULTS EARLIER     the same with the history of its cells
       page_test.py MXIDENT cells     makes that of a small run, with the details of all cells in a folder beside it
77: skipped, with the reason
"""
import base64
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    print("skipped: python3-selenium is not installed (scripts/setup --page)")
    sys.exit(77)

CHROMIUM, DRIVER = pathlib.Path("/usr/bin/chromium"), pathlib.Path("/usr/bin/chromedriver")
if not CHROMIUM.exists() or not DRIVER.exists():
    print("skipped: chromium or chromium-driver is not installed (scripts/setup --page)")
    sys.exit(77)

PATIENCE = 60  # seconds for what comes at once on an idle machine


def browser(profile):
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,900", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
                 # No look-up leaves the machine, whatever the browser would like to ask its maker.
                 "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service(str(DRIVER)), options=options)


class Page:
    def __init__(self, driver, address):
        self.driver, self.address, self.faults = driver, address, []

    def open(self, state=""):
        self.driver.get("about:blank")  # else only the part behind "#" changes and nothing is loaded anew
        self.driver.get(self.address + state)

    def js(self, code, *words):
        return self.driver.execute_script("return " + code, *words)

    def hold(self, good, what):
        print(("ok    " if good else "FAULT ") + str(what).encode("unicode_escape").decode())
        if not good:
            self.faults.append(what)

    def wait(self, code, what, *words):
        end = time.monotonic() + PATIENCE
        while not self.js(code, *words) and time.monotonic() < end:
            time.sleep(0.05)
        self.hold(self.js(code, *words), what)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def count(self, selector):
        return self.js("document.querySelectorAll(arguments[0]).length", selector)

    def type(self, text):
        box = self.one("#filter")
        box.clear()
        box.send_keys(text)

    def shown(self):
        return self.one("#found").text

    def close(self):
        self.driver.execute_script("window.mxident.drawer.close()")


class Report:
    """What the page was given, read independently of its script."""
    def __init__(self, page):
        self.data = json.loads(page.js("document.getElementById('data').textContent"))
        self.scenarios = [s[0] for s in self.data["scenarios"]]
        self.columns = [f"{c['client']}:{c['mode']}" for c in self.data["columns"]]
        self.outcomes = self.data["cells"]["outcomes"]
        self.details = {}
        for text in page.js("[...document.querySelectorAll('script[id^=part-]')].map((s) => s.textContent)"):
            for line in filter(None, text.split("\n")):
                key, value = line.split(" ", 1)
                self.details[key] = json.loads(value)

    def ran(self):
        return len(self.outcomes) - self.outcomes.count("j")

    def cell(self, key):
        s, c = map(int, key.split(":"))
        return f"#cell={urllib.parse.quote(self.scenarios[s] + '|' + self.columns[c], safe='')}"

    def faults(self):
        return [key for key in self.details if ":" in key]


def check(page):
    page.open()
    report = Report(page)
    rows, ran = len(report.scenarios), report.ran()
    page.hold(page.shown().startswith(f"{ran} cells in {rows} scenario"), f"the whole matrix is there: {page.shown()}")
    page.hold(page.count("[role=gridcell]") > 0, "cells are drawn")
    page.hold(int(page.one("[role=grid]").get_attribute("aria-rowcount")) > rows, "the grid says its size")
    check_filter(page, report)
    check_groups(page)
    for key in report.faults()[:6]:
        check_drawer(page, report, key)
    check_keys(page)
    check_views(page, report)
    check_looks(page, report)
    check_harmless(page)


def check_filter(page, report):
    lax = report.outcomes.count("b")
    page.type("outcome:lax")
    page.hold(page.shown().startswith(f"{lax} cells"), f"the filter counts {lax} lax cells: {page.shown()}")
    page.hold(page.count(".row .cell.lax:not(.dim)") == lax, "and shows them, the others dimmed")
    page.hold("outcome%3Alax" in page.js("location.hash"), "the filter stands in the address")
    page.open(page.js("location.hash"))
    page.hold(page.shown().startswith(f"{lax} cells"), "the address brings the filter back")
    page.one("#chips button").click()
    page.hold(page.shown().startswith(f"{report.ran()} cells"), "a chip takes its term away")
    page.driver.back()
    page.hold(page.shown().startswith(f"{lax} cells"), "and going back brings it back")
    news = report.data["cells"]["baselines"].count("c")
    page.type("news")
    page.hold(page.shown().startswith(f"{news} cells"), f"news: {page.shown()}")
    rule = report.data["rules"][0] if report.data["rules"] else ""
    if re.fullmatch(r"[a-z0-9.-]+", rule):
        having = [i for i, s in enumerate(report.data["scenarios"]) if 0 in s[2]]
        page.type(f"rule:{rule[:-2]}*")
        page.hold(f"in {len(having)} scenario" in page.shown(), f"rule:{rule[:-2]}*: {page.shown()}")
        page.type(f"outcome:lax -rule:{rule}")
        width = len(report.columns)
        left = sum(report.outcomes[s * width:(s + 1) * width].count("b") for s in range(len(report.scenarios)) if s not in having)
        page.hold(page.shown().startswith(f"{left} cells"), f"a term turned round: {page.shown()}")
        page.hold(page.count("#chips button") == 2, "each term has a chip")
    page.type("nosuchkey:x")
    page.hold("no key of the filter" in page.shown(), "an unknown key is said")
    page.type("scenario:no/such*")
    page.hold(page.shown().startswith("0 cells"), "a filter that finds nothing shows nothing")
    page.type("(((*.[x](\\")
    page.hold(page.shown().startswith("0 cells"), "what is typed is no program")
    page.type("")


def check_groups(page):
    seen = set()
    for group in ("section", "risk", "client", "none"):
        page.open(f"#group={group}")
        seen.add("\n".join(page.js("[...document.querySelectorAll('.group')].map((g) => g.textContent)")))
        page.hold((page.count(".group") > 0) == (group != "none"), f"rows by {group}")
    page.hold(len(seen) == 4, "each order has titles of its own")
    page.open("#group=client")
    page.hold(page.js("[...document.querySelectorAll('.group')].every((g) => /accepts a wrong identity in \\d+ scenarios?, refuses a right one in \\d+/.test(g.textContent))"),
              "a client's title has its two counters apart")


def plain(text):
    return text.isprintable()


def check_drawer(page, report, key):
    s, c = map(int, key.split(":"))
    detail, about = report.details[key], report.details[str(s)]
    page.open(report.cell(key))
    page.wait("!document.querySelector('.drawer').hidden", f"a permalink opens {report.scenarios[s][:30]} {report.columns[c][:30]}")
    drawer = page.one(".drawer")
    if plain(report.scenarios[s]):
        page.hold(report.scenarios[s] in drawer.text and report.columns[c] in drawer.text, "it is the drawer of that cell")
    if plain(detail["reproduce"]):
        page.hold(detail["reproduce"] in drawer.text, "the drawer has the command")
    if plain(detail.get("sentence", "\0")):
        page.hold(detail["sentence"] in drawer.text, "and the sentence")
    page.hold(page.count(".drawer .layers li") == 8, "eight layers")
    page.hold(page.js("[...document.querySelector('.drawer').childNodes].every((n) => n.nodeType === 1)"), "no word stands between the drawer's parts")
    page.hold(page.count(".drawer .sequence") == (1 if detail["events"] else 0), "the drawer draws the wire")
    page.hold(page.count(".drawer .three > div") == 3, "three names side by side")
    page.hold(page.count(".drawer .attempts tbody tr") == min(40, len(about.get("attempts", []))), "each attempt")
    page.hold(page.js("[...document.querySelectorAll('.drawer a')].every((a) => a.href.startsWith('https://'))"), "links lead to https only")
    for source in about["sources"]:
        found = re.match(r"RFC (\d+) ([\d.]+\d|\d)", source)
        if found and plain(source):
            link = f"https://www.rfc-editor.org/rfc/rfc{found[1]}.html#section-{found[2]}"
            page.hold(page.count(f".drawer a[href='{link}']") > 0, f"{source} is linked")
    if "known" in detail and plain(detail["known"]["cause"]):
        page.hold(detail["known"]["cause"] in drawer.text, "the baseline's reason")
    page.hold(page.count(".drawer .certificate") == (1 if "certificate" in about else 0), "the certificate is there if it was recorded")
    if "certificate" in about:
        check_certificate(page, base64.b64decode(about["certificate"]))
    drawer.send_keys(Keys.ESCAPE)
    page.hold(not drawer.is_displayed() and "cell=" not in page.js("location.hash"), "Esc closes the drawer")


def check_certificate(page, der):
    pem = page.js("document.querySelector('.certificate pre').textContent")
    body = "".join(line for line in pem.splitlines() if not line.startswith("-----"))
    page.hold(base64.b64decode(body) == der and pem.startswith("-----BEGIN CERTIFICATE-----\n"), "its PEM is what was recorded")
    octets = page.js("[...document.querySelectorAll('.certificate .octets')].map((x) => x.textContent)")
    page.hold(all(bytes.fromhex(text) in der for text in octets), f"{len(octets)} names with their octets")
    for name in (b"mx2.x.test", b"mx5.x.test"):
        if name in der:
            page.hold(name.hex(" ") in octets, f"{name.decode()} is among them")
    if bytes([192, 0, 2, 25]) in der:
        page.hold("192.0.2.25" in page.one(".certificate").text, "an address reads as one")


def check_keys(page):
    page.open()
    drawer, grid = page.one(".drawer"), page.one("[role=grid]")
    grid.send_keys(Keys.ARROW_DOWN, Keys.ARROW_RIGHT)
    active = page.js("document.getElementById('focused-cell')?.getAttribute('aria-label')")
    page.hold(bool(active), f"arrows move a focus that can be read: {active}")
    page.hold(grid.get_attribute("aria-activedescendant") == "focused-cell", "and the grid names it")
    grid.send_keys(Keys.CONTROL + Keys.HOME)
    first = page.js("[mxident.grid.focus.line, mxident.grid.focus.column]")
    grid.send_keys(Keys.CONTROL + Keys.END)
    last = page.js("[mxident.grid.focus.line, mxident.grid.focus.column]")
    page.hold(last[0] > first[0] and first[1] == 0 and last[1] == page.js("mxident.grid.columns.length") - 1, "Ctrl+Home and Ctrl+End")
    grid.send_keys(Keys.CONTROL + Keys.HOME)
    before = page.js("[mxident.grid.focus.line, mxident.grid.focus.column].join()")
    grid.send_keys("n")
    page.hold(page.count("#focused-cell:is(.lax, .strict, .downgrade, .hang, .crash, .harness-error)") == 1
              or page.js("[mxident.grid.focus.line, mxident.grid.focus.column].join()") == before, "n finds the next fault")
    grid.send_keys(Keys.ENTER)
    page.wait("!document.querySelector('.drawer').hidden", "Enter opens a cell")
    drawer.send_keys(Keys.ESCAPE)
    page.hold(page.js("document.activeElement === document.querySelector('[role=grid]')"), "and Esc leads back to the matrix")
    grid.send_keys("/")
    page.hold(page.js("document.activeElement.id") == "filter", "/ leads to the filter")
    page.one("#tab-matrix").send_keys(Keys.ARROW_RIGHT)
    page.hold(page.js("document.activeElement.id") == "tab-behaviours" and page.one("#behaviours").is_displayed(), "arrows turn the views")


def check_views(page, report):
    for view in ("behaviours", "clients", "names", "matrix"):
        page.one(f"[data-view={view}]").click()
        page.hold(page.one(f"[data-panel={view}]").is_displayed(), f"the view {view} shows")
        page.hold(f"view={view}" in page.js("location.hash") or view == "matrix", "and stands in the address")
    behaviours = report.data["behaviours"]
    page.open("#view=behaviours")
    page.hold(page.count(".behaviours .phrase") == len(behaviours), f"{len(behaviours)} behaviours")
    named = {(column, row) for b in behaviours for column, rows in b["cells"] for row in rows}
    width = len(report.columns)
    other = sum(code in "bcdghi" and (at % width, at // width) not in named for at, code in enumerate(report.outcomes))
    page.hold((f"{other} cell" in page.one("#behaviours").text.splitlines()[-2]) if other else page.count(".behaviours .other") == 0, f"{other} faults without a behaviour")
    if behaviours:
        cells = sum(len(rows) for _, rows in behaviours[0]["cells"])
        modes = len(behaviours[0]["cells"])
        page.hold(f"{behaviours[0]['phrase']}: {modes} mode{'' if modes == 1 else 's'}" in page.one(".behaviours li").text, "the first with its modes")
        page.one(".behaviours .phrase").click()
        page.hold(page.count(".behaviours .shown tr") == modes and "open=" in page.js("location.hash"), "opened, it has a line a mode")
        page.one(".behaviours li > .link").click()
        page.hold(page.shown().startswith(f"{cells} cells"), f"and leads to its {cells} cells: {page.shown()}")
    page.open("#view=clients")
    width = len(report.columns)
    wrong = [report.outcomes[c::width].count("b") for c in range(width)]
    right = [report.outcomes[c::width].count("c") for c in range(width)]
    shown = page.js("[...document.querySelectorAll('.clients tbody tr:not(.client)')].map((r) => [...r.querySelectorAll('.number')].slice(0, 2).map((d) => Number(d.textContent) || 0))")
    page.hold(shown == [list(pair) for pair in zip(wrong, right)], f"counters by client, apart: {shown}")
    page.open("#view=names")
    tried = [n for n in report.data["names"] if n["row"] is not None]
    page.hold(len(report.data["names"]) == 11, "eleven names are asked for")
    page.hold(page.count(".names tbody tr") == (width if len(tried) > 1 else 0), "a line a mode, if the results tell")
    page.hold(page.js("[...document.querySelectorAll('.names tbody tr')].every((r) => !r.querySelector('.no') || !/checks no name/.test(r.textContent))"),
              "who refused a name checks names")


def check_looks(page, report):
    page.open()
    light = page.js("getComputedStyle(document.body).backgroundColor")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    page.hold(page.js("getComputedStyle(document.body).backgroundColor") != light, "there is a dark mode")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    page.js("window.dispatchEvent(new Event('beforeprint'))")
    page.hold(page.count("#paper .matrix td") == len(report.outcomes), "paper has every cell")
    page.hold(page.one("#paper").is_displayed() and not page.one("main").is_displayed(), "and nothing else")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    page.js("window.dispatchEvent(new Event('afterprint'))")
    page.hold(page.count("#paper *") == 0 and page.one("main").is_displayed(), "afterwards the page is as before")
    signs = page.js("[...document.querySelectorAll('.cell')].filter((c) => !c.classList.contains('not-run')).every((c) => c.textContent.length === 2)")
    page.hold(signs, "two signs a cell, without any colour")
    page.driver.set_window_size(700, 900)
    page.js("mxident.grid.box.scrollLeft = 1000")
    page.hold(page.js("mxident.grid.corner.getBoundingClientRect().left === mxident.grid.box.getBoundingClientRect().left"), "the corner stays when one scrolls to the side")
    page.js("mxident.grid.box.scrollLeft = 0")
    page.driver.set_window_size(500, 800)
    page.hold(page.js("document.documentElement.scrollWidth <= window.innerWidth"), "a narrow window needs no scrolling of the page to the side")
    page.driver.set_window_size(1400, 900)


def check_harmless(page):
    # The fixture has a client that prints a script and names with marks that turn writing round.
    for view in ("behaviours", "clients", "names"):
        page.open(f"#view={view}")
        page.hold(page.js("!/[\\u202a-\\u202e\\u0000-\\u0008]/.test(document.body.innerText)"), f"marks that turn writing round are shown as octets: {view}")
        page.hold(page.count("main script, main img, main iframe") == 0, "no markup came about")
    page.open("#" + urllib.parse.urlencode({"q": "<img src=x onerror=window.hostile=1>", "cell": "<b>|<b>", "view": "nonsense", "other": "x"}))
    page.hold(page.one("[data-panel=matrix]").is_displayed(), "an address that nobody meant shows the matrix")
    page.hold(page.js("window.hostile === undefined"), "nothing that was shown is a script")
    said = [entry["message"] for entry in page.driver.get_log("browser")]
    page.hold(not said, f"nothing in the console: {said}")


def check_cells(page, folder):
    """Details of cells that are as expected come from the folder beside the page, when they are asked for."""
    page.open()
    report = Report(page)
    key = next(f"{at // len(report.columns)}:{at % len(report.columns)}" for at, code in enumerate(report.outcomes) if code == "a")
    page.hold(key not in report.details, "a cell as expected is not in the page")
    page.open(report.cell(key))
    page.wait("document.querySelectorAll('.drawer .layers li').length === 8", "its layers come from the folder")
    page.hold("mxident run " in page.one(".drawer .command").text and page.count(".drawer .sequence") == 1, "and its command and wire")
    page.hold(page.count(".drawer .certificate .octets") > 0, "the certificate of a real run is shown")
    page.hold(page.count(".drawer .attempts .match") > 0, "and which of its names fits")
    for file in folder.iterdir():
        file.unlink()
    page.open(report.cell(key))
    page.wait("/which is not beside this page/.test(document.querySelector('.drawer').textContent)", "without the folder the drawer says so")
    said = [entry["message"] for entry in page.driver.get_log("browser") if "net::ERR_FILE_NOT_FOUND" not in entry["message"]]
    page.hold(not said, f"nothing in the console but the missing file: {said}")


def check_history(page):
    """Results of another run beside these: the drawer has both."""
    page.open()
    report = Report(page)
    key = report.faults()[0]
    page.open(report.cell(key))
    page.wait("!document.querySelector('.drawer').hidden", "a cell of two runs opens")
    runs = page.js("[...document.querySelectorAll('.drawer .history li')].map((x) => x.textContent)")
    page.hold(len(runs) == 2 and "cut-off.ndjson" in runs[0] and "this run" in runs[1], f"with its history: {runs}")
    page.hold("not-run" in runs[0] or any(word in runs[0] for word in ("pass", "lax", "strict", "downgrade", "hang")), "each with its outcome")


def main():
    with tempfile.TemporaryDirectory() as temporary:
        file = pathlib.Path(temporary) / "report.html"
        earlier = sys.argv[3:4]
        if sys.argv[2] == "cells":
            run = subprocess.run([sys.argv[1], "run", "rfc9525/exact-name", "rfc9525/sibling-name", "--client", "mxident:rfc9525", "--report", f"html-cells:{file}"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
            if not file.exists():
                print(run.stderr)
        else:
            with file.open("wb") as out:
                # The exit code is the run's; that a page came is seen below.
                subprocess.run([sys.argv[1], "report", *earlier, sys.argv[2], "--format", "html"], stdout=out, check=False)
        driver = browser(f"{temporary}/profile")
        try:
            page = Page(driver, file.as_uri())
            if sys.argv[2] == "cells":
                check_cells(page, file.parent / "report-cells")
            elif earlier:
                check_history(page)
            else:
                check(page)
        finally:
            driver.quit()
    sys.exit(1 if page.faults else 0)


main()
