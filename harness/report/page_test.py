#!/usr/bin/python3 -I
"""The report's page in a real browser: headless Chromium, driven by WebDriver, with no network.

usage: page_test.py MXIDENT RESULTS        makes the page of a results file and uses it; 77: skipped, with the reason
"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    print("skipped: python3-selenium is not installed")
    sys.exit(77)

CHROMIUM, DRIVER = pathlib.Path("/usr/bin/chromium"), pathlib.Path("/usr/bin/chromedriver")
if not CHROMIUM.exists() or not DRIVER.exists():
    print("skipped: chromium or chromium-driver is not installed")
    sys.exit(77)


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
        print(("ok    " if good else "FAULT ") + what)
        if not good:
            self.faults.append(what)

    def type(self, text):
        box = self.driver.find_element(By.ID, "filter")
        box.clear()
        box.send_keys(text)

    def shown(self):
        return self.driver.find_element(By.ID, "found").text


def check(page):
    page.open()
    data = json.loads(page.js("document.getElementById('data').textContent"))
    rows, columns = len(data["scenarios"]), len(data["columns"])
    cells = rows * columns
    page.hold(f"{cells} cells in {rows} scenarios" in page.shown(), f"the whole matrix is there: {page.shown()}")
    page.hold(page.js("document.querySelectorAll('[role=gridcell]').length") > 0, "cells are drawn")
    page.hold(int(page.js("document.querySelector('[role=grid]').getAttribute('aria-rowcount')")) > rows, "the grid says its size")

    lax = sum(row["outcomes"].count("b") for row in data["rows"])
    page.type("outcome:lax")
    page.hold(page.shown().startswith(f"{lax} cells"), f"the filter counts {lax} lax cells: {page.shown()}")
    page.hold("outcome%3Alax" in page.js("location.hash"), "the filter stands in the address")
    page.open(page.js("location.hash"))
    page.hold(page.shown().startswith(f"{lax} cells"), "the address brings the filter back")
    page.driver.find_element(By.CSS_SELECTOR, "#chips button").click()
    page.hold(f"{cells} cells" in page.shown(), "a chip takes its term away")
    page.type("nosuchkey:x")
    page.hold("no key of the filter" in page.shown(), "an unknown key is said")
    page.type("scenario:no/such*")
    page.hold(page.shown().startswith("0 cells"), "a filter that finds nothing shows nothing")
    page.type("")

    # A cell whose texts are shown as they are: those with control octets are shown otherwise.
    plain = [key for key in sorted(data["details"]) if data["scenarios"][int(key.split(":")[0])]["id"].isprintable()
             and data["details"][key]["reproduce"].isprintable()]
    if not plain:
        key = sorted(data["details"])[0]
        page.js("window.mxident.drawer.open(" + key.replace(":", ",") + ")")
        page.hold(page.driver.find_element(By.CSS_SELECTOR, ".drawer").is_displayed(), "a cell with hostile names opens")
    else:
        check_drawer(page, data, plain[0])
    check_rest(page, cells)


def check_drawer(page, data, first):
    s, c = map(int, first.split(":"))
    ident = f"{data['scenarios'][s]['id']}|{data['columns'][c]['client']}:{data['columns'][c]['mode']}"
    page.open("#cell=" + page.js("encodeURIComponent(arguments[0])", ident))
    page.js("new Promise((done) => setTimeout(done, 100))")
    drawer = page.driver.find_element(By.CSS_SELECTOR, ".drawer")
    page.hold(drawer.is_displayed() and data["scenarios"][s]["id"] in drawer.text, "a permalink opens the drawer of its cell")
    page.hold(data["details"][first]["reproduce"] in drawer.text, "the drawer has the command")
    page.hold(page.js("document.querySelectorAll('.drawer .sequence').length") == 1, "the drawer draws the wire")
    page.hold(page.js("document.querySelectorAll('.drawer .layers li').length") == 8, "the drawer has eight layers")
    drawer.send_keys(Keys.ESCAPE)
    page.hold(not drawer.is_displayed(), "Esc closes the drawer")


def check_rest(page, cells):
    page.open()
    drawer = page.driver.find_element(By.CSS_SELECTOR, ".drawer")
    grid = page.driver.find_element(By.CSS_SELECTOR, "[role=grid]")
    grid.send_keys(Keys.ARROW_DOWN, Keys.ARROW_RIGHT)
    active = page.js("document.getElementById('focused-cell').getAttribute('aria-label')")
    page.hold(bool(active), f"arrows move a focus that can be read: {active}")
    grid.send_keys(Keys.ENTER)
    page.js("new Promise((done) => setTimeout(done, 100))")
    page.hold(drawer.is_displayed(), "Enter opens a cell")

    for view in ("behaviours", "clients", "names", "matrix"):
        page.driver.find_element(By.CSS_SELECTOR, f"[data-view={view}]").click()
        page.hold(page.driver.find_element(By.CSS_SELECTOR, f"[data-panel={view}]").is_displayed(), f"the view {view} shows")

    light = page.js("getComputedStyle(document.body).backgroundColor")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    page.hold(page.js("getComputedStyle(document.body).backgroundColor") != light, "there is a dark mode")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    page.js("window.dispatchEvent(new Event('beforeprint'))")
    page.hold(page.js("document.querySelectorAll('[role=gridcell]').length") == cells, "print has every cell")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    # The fixture has a client that prints a script and names with marks that turn writing round.
    page.hold(page.js("window.hostile === undefined"), "what a client printed is no script")
    page.hold(page.js("document.querySelectorAll('.drawer script, .drawer img, .grid script').length") == 0, "nor markup")
    page.hold(page.js("!/[\\u202a-\\u202e]/.test(document.body.innerText)"), "marks that turn writing round are shown as octets")
    said = [entry["message"] for entry in page.driver.get_log("browser")]
    page.hold(not said, f"nothing in the console: {said}")


def main():
    with tempfile.TemporaryDirectory() as profile:
        file = pathlib.Path(profile) / "report.html"
        with file.open("wb") as out:
            # The exit code is the run's; that a page came is seen below.
            subprocess.run([sys.argv[1], "report", sys.argv[2], "--format", "html"], stdout=out, check=False)
        driver = browser(profile)
        try:
            page = Page(driver, file.as_uri())
            check(page)
        finally:
            driver.quit()
    sys.exit(1 if page.faults else 0)


main()
