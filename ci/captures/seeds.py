"""Turns the conversations of captures into inputs for the fuzz targets.

    ci/captures/seeds.py PROTOCOL CAPTURE.pcap...

Writes parsers/fuzz/corpus/PROTOCOL/NAME for each capture: the payloads of its first connection, or of
its first datagrams, as the script that `fuzz_protocol` reads (a control byte with the direction, a
length, bytes), cut where the fuzzer's longest input ends. Needs tshark. `--udp` takes datagrams;
`--both-tcp` or `--both-udp` is for a protocol over both, whose inputs say which in their first byte; `--skip=N`
leaves the first N payloads out.
"""
import subprocess
import sys
from pathlib import Path

LONGEST = 4096


def payloads(capture, udp):
    field = "udp" if udp else "tcp"
    rows = subprocess.run(
        ["tshark", "-r", capture, "-Y", "%s.payload && %s.stream == 0" % (field, field), "-T", "fields",
         "-e", field + ".srcport", "-e", field + ".payload"],
        capture_output=True, text=True, check=True).stdout.split("\n")
    rows = [r.split("\t") for r in rows if r]
    return [(port != rows[0][0], bytes.fromhex(data)) for port, data in rows]


def script(chunks):
    out = b""
    for down, data in chunks:
        while data:
            if len(data) > 255:
                n = min(len(data) // 16, 255)
                head, part, data = bytes([2 | down, n]), data[:n * 16], data[n * 16:]
            else:
                head, part, data = bytes([int(down), len(data)]), data, b""
            if len(out) + len(head) + len(part) > LONGEST:
                return out
            out += head + part
    return out


def main():
    skip = sum(int(a[7:]) for a in sys.argv if a.startswith("--skip="))
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    flags = [a for a in sys.argv[1:] if a.startswith("--")]
    protocol, captures = args[0], args[1:]
    folder = Path(__file__).resolve().parents[2] / "parsers/fuzz/corpus" / protocol
    folder.mkdir(parents=True, exist_ok=True)
    first = b"\x01" if "--both-udp" in flags else b"\x02" if "--both-tcp" in flags else b""
    udp = "--udp" in flags or "--both-udp" in flags
    for capture in captures:
        (folder / Path(capture).stem).write_bytes(first + script(payloads(capture, udp)[skip:]))


main()
