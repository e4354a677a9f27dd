"""Asks `graft serve` many things at once and looks at its answers and its memory.

    serve_load.py GRAFT RUN [REQUESTS [AT_A_TIME]]

Starts GRAFT on a free port with RUN, which was fine-tuned on a task with one or more fields, and sends REQUESTS (10,000),
AT_A_TIME (8), each on a connection that stays open: answers, completions where the model writes, and now and then what
is wrong. Ends with 1 if an answer is missing or has another status than it should, or if the memory of the process grew
by more than 64 MiB after the first tenth. Needs nothing but Python.
"""
import http.client
import json
import subprocess
import sys
import threading
import time


def memory(process):
    """MiB that are resident."""
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def requests(port, run, count):
    """What is asked, a list of (path, body, status)."""
    fields = {name: "a gripping film, if a little long" for name in run["tasks"][0]["fields"]}
    asked = []
    for number in range(count):
        text = {name: f"{value} {number}" for name, value in fields.items()}
        kind = number % 10
        if kind == 0 and run["writes"]:
            asked.append(("/v1/completions", {"prompt": f"text {number}", "max_tokens": 4, "logprobs": 1}, 200))
        elif kind == 1:
            asked.append(("/api/answer", {"fields": {"no such field": "x"}}, 400))
        else:
            asked.append(("/api/answer", {"fields": text}, 200))
    return asked


def main():
    graft, run = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    at_a_time = int(sys.argv[4]) if len(sys.argv) > 4 else 8
    process = subprocess.Popen(
        [graft, "serve", run, "--port", "0", "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = int(process.stdout.readline().rsplit(":", 1)[1].strip().rstrip("/"))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/api/runs")
        described = json.load(connection.getresponse())["runs"][0]
        asked = iter(requests(port, described, count))
        lock, failures, times, marks = threading.Lock(), [], [], {}

        def work():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            while True:
                with lock:
                    path, body, status = next(asked, (None, None, None))
                if path is None:
                    return
                begun = time.perf_counter()
                try:
                    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
                    response = connection.getresponse()
                    answer = json.loads(response.read())
                    said = None if response.status == status else f"{response.status} {answer}"
                except (OSError, http.client.HTTPException, ValueError) as error:
                    said = repr(error)
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                with lock:
                    times.append(time.perf_counter() - begun)
                    if said:
                        failures.append(f"{path} {body}: {said}")
                    if len(times) == count // 10:
                        marks["early"] = memory(process)

        begun = time.perf_counter()
        threads = [threading.Thread(target=work) for _ in range(at_a_time)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
        late = memory(process)
        times.sort()
        print(
            f"{len(times)} requests, {at_a_time} at a time: {len(failures)} failed; {len(times) / seconds:.0f} a second,"
            f" median {times[len(times) // 2] * 1000:.1f} ms, slowest {times[-1] * 1000:.0f} ms;"
            f" memory {marks['early']:.0f} MiB after a tenth, {late:.0f} MiB at the end")
        for failure in failures[:5]:
            print(failure)
        process.send_signal(2)
        code = process.wait(timeout=30)
        if code != 130:
            print(f"Ctrl-C ended it with {code}, not 130")
        return 1 if failures or code != 130 or late - marks["early"] > 64 or len(times) != count else 0
    finally:
        process.kill()


if __name__ == "__main__":
    sys.exit(main())
