#!/usr/bin/python3 -I
"""How quick the page of a large report is, in headless Chromium on this machine.

usage: report_page.py MXIDENT [MODESxSCENARIOS ...]       default: 250x750 1000x100 10x10000

Makes results of that size, their page by "mxident report --format html", and prints what a reader waits for: the first
paint and the first cells of the matrix as parts of a second, each filter as a part of 100 ms (below 1: good enough).
Figures of a machine at work are not those of one at rest: this is no test.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FILTERS = ("outcome:lax", "client:c1*", "rule:rfc9525-6.3* outcome:strict", "tag:t3 changed", "behaviour:takes-a-common-name*", "exact")
LAYERS = ("connect", "smtp", "starttls", "handshake", "chain", "name", "policy", "delivery")
RULES = ("rfc9525-2-no-cn", "rfc9525-6.3-all-labels", "rfc9525-6.3-wildcard-one-label", "rfc5280-4.2.1.12-eku", "rfc3207-6-downgrade", "nul-byte")
TALK = (("connected", ""), ("sent", "220 mx1.x.test ESMTP\r\n"), ("received", "EHLO client.test\r\n"), ("sent", "250-mx1.x.test\r\n"),
        ("sent", "250 STARTTLS\r\n"), ("received", "STARTTLS\r\n"), ("sent", "220 go ahead\r\n"), ("client-hello", "mx1.x.test"),
        ("handshake", "TLSv1.3 TLS_AES_256_GCM_SHA384"), ("received", "EHLO client.test\r\n"), ("sent", "250 mx1.x.test\r\n"),
        ("received", "MAIL FROM:<a@client.test>\r\n"), ("sent", "250 ok\r\n"), ("received", "QUIT\r\n"))


def write_results(file, modes, scenarios):
    chance = random.Random(1)
    zero = "0" * 64
    columns = [{"client": f"c{i // 3}", "client_title": f"client {i // 3}", "version": "1.0", "mode": f"m{i % 3}", "title": "", "policy": "rfc9525",
                "packages": {}, "manifest": zero} for i in range(modes)]
    counts, news = {}, 0
    with file.open("w") as out:
        def line(**fields):
            out.write(json.dumps(fields) + "\n")
        line(type="header", schema="mxident-results/2", mxident="0", sandbox="", kernel="", suite=zero, scenarios=scenarios,
             shard={"index": 1, "of": 1}, seed=0, columns=columns)
        for s in range(scenarios):
            name = f"rfc9525/exact-name-{s}"
            line(type="scenario", id=name, title=f"The dNSName is the MX host name, number {s}", sources=["RFC 9525 6.3"],
                 rules=chance.sample(RULES, 2), tags=[f"t{s % 9}"], domain="x.test", host="mx1.x.test", hosts=["mx1.x.test"],
                 presented=["dns:mx1.x.test"], digest=zero, cells=modes, certificate="MIIB" * 200)
            for column in columns:
                outcome = chance.choices(("pass", "lax", "strict", "either", "unsupported"), (90, 2, 1, 6, 1))[0]
                counts[outcome] = counts.get(outcome, 0) + 1
                ran = outcome != "unsupported"
                baseline = chance.choice(("as-known", "as-known", "news")) if outcome in ("lax", "strict") else "none"
                news += baseline == "news"
                line(type="cell", scenario=name, client=column["client"], client_version="1.0", mode=column["mode"], policy="rfc9525",
                     expected="reject" if outcome == "lax" else "accept", decision=("reject" if outcome == "strict" else "accept") if ran else None,
                     outcome=outcome, layers={layer: "ok" for layer in LAYERS}, reason="", sni="mx1.x.test", alert=None, said=None,
                     baseline=baseline,
                     duration_ms=12, reproduce=f"mxident run '{name}' --client {column['client']}:{column['mode']}",
                     events=[{"t": i * 900, "kind": kind, "connection": 1, "host": "mx1.x.test", "text": text} for i, (kind, text) in enumerate(TALK)] if ran else [])
        line(type="footer", counts=counts, news=news, fixed=0, complete=True)


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
