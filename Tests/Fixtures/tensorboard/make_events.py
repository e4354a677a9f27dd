"""Writes events.json: an event file of three values as TensorBoard's own writer makes it, in hexadecimal.

    pip install tensorboard && python3 Tests/Fixtures/tensorboard/make_events.py
"""
import json
import pathlib

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

VALUES = [(1.5, 0, "train/loss", 4.25), (1e9 + 0.25, 20, "held-out/bitsPerByte", float("inf")), (1e9 + 1, 300000, "é", -1e-3)]


class Sink:
    data = b""

    def write(self, data):
        self.data += data

    def flush(self):
        pass


sink = Sink()
writer = RecordWriter(sink)
writer.write(Event(wall_time=VALUES[0][0], file_version="brain.Event:2").SerializeToString())
for time, step, tag, value in VALUES:
    summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
    # Step 0 is the default and would be left out.
    event = Event(wall_time=time, summary=summary)
    event.step = step
    writer.write(event.SerializeToString())
path = pathlib.Path(__file__).with_name("events.json")
path.write_text(json.dumps({"values": [[t, s, g, str(v)] for t, s, g, v in VALUES], "file": sink.data.hex()}, indent=1) + "\n")
