#!/usr/bin/python3 -I
"""How quick the page of a large report is, in headless Chromium on this machine.

usage: report_page.py MXIDENT [MODESxSCENARIOS ...]       default: 250x750 1000x100 10x10000

Makes results of that size, their page by "mxident report --format html", and prints what a reader waits for: the first
paint and the first cells of the matrix as parts of a second, each filter as a part of 100 ms (below 1: good enough).
Figures of a machine at work are not those of one at rest: this is no test.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from generated_results import write_results

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FILTERS = ("outcome:lax", "client:c1*", "rule:rfc9525-6.3* outcome:strict", "tag:t3 changed", "behaviour:takes-a-common-name*", "exact")


def measure(mxident, modes, scenarios):
    with tempfile.TemporaryDirectory() as folder:
        results, page = pathlib.Path(folder) / "results.ndjson", pathlib.Path(folder) / "report.html"
        write_results(results, modes, scenarios)
        before = time.monotonic()
        with page.open("wb") as out:
            subprocess.run([mxident, "report", str(results), "--format", "html"], stdout=out, check=False)
        print(f"{modes} modes x {scenarios} scenarios: {results.stat().st_size >> 20} MiB of results, {page.stat().st_size >> 20} MiB of page, "
              f"made in {time.monotonic() - before:.1f} s")
        options = webdriver.ChromeOptions()
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,900", "--no-first-run", "--disable-background-networking",
                     "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder}/profile"):
            options.add_argument(word)
        options.page_load_strategy = "none"
        driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)

        def cpu():
            return next(m["value"] for m in driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"] if m["name"] == "TaskDuration")
        try:
            driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
            start = cpu()
            driver.get(page.as_uri())
            while driver.execute_script("return document.readyState") != "complete" or not driver.execute_script("return !!window.mxident"):
                time.sleep(0.1)
            paint = driver.execute_script("return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
            cells = driver.execute_script("return performance.getEntriesByName('matrix')[0]?.startTime ?? 0")
            whole = driver.execute_script("return performance.getEntriesByType('navigation')[0].domComplete")
            print(f"  first paint  {paint / 1000:5.2f} of a second;  cells there {cells / 1000:5.2f};  page read to its end {whole / 1000:5.2f}, "
                  f"which takes {cpu() - start:.2f} of CPU time")
            for query in FILTERS:
                start = cpu()
                took = driver.execute_script("""
                    const box = document.getElementById('filter'), before = performance.now();
                    box.value = arguments[0];
                    box.dispatchEvent(new Event('input'));
                    document.body.offsetHeight;
                    return performance.now() - before;""", query)
                print(f"  filter       {took / 100:5.2f} of 100 ms, {(cpu() - start) * 10:5.2f} of CPU time: {query}  ({driver.execute_script('return document.getElementById(`found`).textContent')})")
            took = driver.execute_async_script("""
                const done = arguments[0], before = performance.now(), box = mxident.grid.box;
                box.scrollTop = box.scrollHeight / 2;
                requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - before)));""")
            print(f"  scrolled     {took / 100:5.2f} of 100 ms, two frames")
        finally:
            driver.quit()


def main():
    for size in sys.argv[2:] or ("250x750", "1000x100", "10x10000"):
        measure(sys.argv[1], *map(int, size.split("x")))


main()
