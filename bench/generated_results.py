"""Results of any size, as a run would write them, for measurements of what reads them."""
import json
import pathlib
import random

LAYERS = ("connect", "smtp", "starttls", "handshake", "chain", "name", "policy", "delivery")
RULES = ("rfc9525-2-no-cn", "rfc9525-6.3-all-labels", "rfc9525-6.3-wildcard-one-label", "rfc5280-4.2.1.12-eku", "rfc3207-6-downgrade", "nul-byte")
TALK = (("connected", ""), ("sent", "220 mx1.x.test ESMTP\r\n"), ("received", "EHLO client.test\r\n"), ("sent", "250-mx1.x.test\r\n"),
        ("sent", "250 STARTTLS\r\n"), ("received", "STARTTLS\r\n"), ("sent", "220 go ahead\r\n"), ("client-hello", "mx1.x.test"),
        ("handshake", "TLSv1.3 TLS_AES_256_GCM_SHA384"), ("received", "EHLO client.test\r\n"), ("sent", "250 mx1.x.test\r\n"),
        ("received", "MAIL FROM:<a@client.test>\r\n"), ("sent", "250 ok\r\n"), ("received", "QUIT\r\n"))


def write_results(file, modes, scenarios, talk=TALK, seed=1):
    """`talk`: what the wire shows of each cell. Another seed gives other outcomes of the same cells."""
    chance = random.Random(seed)
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


def write_shards(file, folder, of):
    """The same cells as so many shards of one run."""
    outs = [(folder / f"shard-{i + 1}.ndjson").open("w") for i in range(of)]
    counts, news, at = [{} for _ in outs], [0] * of, -1
    with file.open() as lines:
        header = json.loads(next(lines))
        for i, out in enumerate(outs):
            mine = header["scenarios"] // of + (i < header["scenarios"] % of)
            out.write(json.dumps({**header, "scenarios": mine, "shard": {"index": i + 1, "of": of}}) + "\n")
        for text in lines:
            if text.startswith('{"type": "footer"'):
                break
            if text.startswith('{"type": "scenario"'):
                at = (at + 1) % of
            else:
                cell = json.loads(text)
                counts[at][cell["outcome"]] = counts[at].get(cell["outcome"], 0) + 1
                news[at] += cell["baseline"] == "news"
            outs[at].write(text)
    for i, out in enumerate(outs):
        out.write(json.dumps({"type": "footer", "counts": counts[i], "news": news[i], "fixed": 0, "complete": True}) + "\n")
        out.close()
    return [pathlib.Path(out.name) for out in outs]
