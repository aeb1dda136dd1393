#!/usr/bin/env python3
"""What tables of sensors take on disk: Remanent beside Parquet with zstd. Prints rows of a Markdown table.

    python3 -m venv venv && venv/bin/pip install numpy pyarrow pyulog
    venv/bin/pip download --no-deps --no-binary :all: evo==1.38.1 && tar xzf evo-1.38.1.tar.gz   # EuRoC, KITTI odometry
    venv/bin/pip download --no-deps gtsam==4.3.0 && unzip -q gtsam-4.3.0-*.whl -d gtsam          # KITTI IMU and GPS
    cargo build --release -p remanent-cli
    venv/bin/python bench/sizes.py --evo evo-1.38.1 --gtsam gtsam

Remanent: every file of a closed database but the log, whose contents are in the segments by then, and the lock: columns,
zone maps, the index of the primary key, manifest. Parquet: one file a table as pyarrow writes it by default with zstd
level 3; in the last column the best that its settings can do for such data (BYTE_STREAM_SPLIT for floats,
DELTA_BINARY_PACKED for integers, no dictionaries).
"""

import argparse, os, pathlib, subprocess, tempfile
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
from pyulog import ULog

ROOT = pathlib.Path(__file__).resolve().parent.parent


def table(path, names, separator=None, skip=0, integers=()):
    """Columns of a text file as (name, array)."""
    lines = [line.split(separator) for line in open(path) if line.strip() and not line.startswith("#")][skip:]
    kind = lambda name: (int, np.int64) if name in integers else (float, np.float64)
    return [(n, np.array([kind(n)[0](line[i]) for line in lines], kind(n)[1])) for i, n in enumerate(names)]


def text_tables(evo, gtsam):
    evo, gtsam = pathlib.Path(evo, "test/data"), pathlib.Path(gtsam, "gtsam/Data")
    pose = [f"r{i // 4}{i % 4}" for i in range(12)]
    truth = "ts px py pz qw qx qy qz vx vy vz bwx bwy bwz bax bay baz".split()
    imu = "time dt accel_x accel_y accel_z omega_x omega_y omega_z".split()
    return {
        "kitti_imu": table(gtsam / "KittiEquivBiasedImu.txt", imu, skip=1),
        "kitti_gps": table(gtsam / "KittiGps_converted.txt", "time x y z".split(), ",", skip=1),
        "kitti_00_gt": table(evo / "KITTI_00_gt.txt", pose),
        "kitti_00_orb": table(evo / "KITTI_00_ORB.txt", pose),
        "kitti_00_sptam": table(evo / "KITTI_00_SPTAM.txt", pose),
        "kitti_00_times": table(evo / "KITTI_00_gt_times.txt", ["time"]),
        "euroc_v102_truth": table(evo / "V102_groundtruth.csv", truth, ",", integers=["ts"]),
        "euroc_v102_estimate": table(evo / "V102.txt", "time x y z qx qy qz qw".split()),
    }


def flight_tables(log):
    """The streams as `remanent import` makes tables of them: the time of day, then every field."""
    wider = {"uint8": "int16", "int8": "int16", "uint16": "int32", "uint32": "int64", "uint64": "int64"}
    tables = {}
    for data in ULog(str(log)).data_list:
        columns = [("ts", data.data["timestamp"].astype(np.int64) + 1_618_986_638_000_000)]
        for name, values in data.data.items():
            values = np.asarray(values)
            columns.append((name, values.astype(wider.get(values.dtype.name, values.dtype.name))))
        tables[f"{data.name}_{data.multi_id}"] = columns
    return tables


def parquet(columns, directory):
    """Lengths of the files: by default, and with the encodings that suit measurements."""
    data = pa.table({name: values for name, values in columns})
    path = os.path.join(directory, "table.parquet")
    pq.write_table(data, path, compression="zstd", compression_level=3)
    default = os.path.getsize(path)
    kinds = {"f": "BYTE_STREAM_SPLIT", "i": "DELTA_BINARY_PACKED"}
    wide = {n: kinds[v.dtype.kind] for n, v in columns if v.dtype.kind in kinds and v.dtype.itemsize >= 4}
    settings = dict(use_dictionary=False, column_encoding=wide)
    pq.write_table(data, path, compression="zstd", compression_level=3, **settings)
    return np.array([default, min(default, os.path.getsize(path))])


def stored(database):
    names = (p for p in pathlib.Path(database).rglob("*") if p.is_file())
    return sum(p.stat().st_size for p in names if p.suffix != ".log" and p.name not in ("LOCK", "READERS"))


def load(program, name, columns, directory):
    """Makes a database of one table; its key is the first column where that rises."""
    types = ", ".join(f"{n} {'bigint' if v.dtype.kind == 'i' else 'double precision'}" for n, v in columns)
    key = f", PRIMARY KEY ({columns[0][0]})" if np.all(np.diff(columns[0][1]) > 0) else ""
    script, database = os.path.join(directory, "load.sql"), os.path.join(directory, f"{name}.rem")
    values = [v.tolist() for _, v in columns]
    with open(script, "w") as out:
        out.write(f"CREATE TABLE {name} ({types}{key});\nBEGIN;\n")
        for start in range(0, len(values[0]), 500):
            rows = zip(*(v[start : start + 500] for v in values))
            out.write(f"INSERT INTO {name} VALUES " + ",".join(f"({','.join(map(repr, r))})" for r in rows) + ";\n")
        out.write("COMMIT;\n")
    subprocess.run([program, database, "-f", script], check=True, stdout=subprocess.DEVNULL)
    return stored(database)


def report(name, rows, ours, theirs):
    print(f"| {name} | {rows:,} | {ours:,} | {theirs[0]:,} | {ours / theirs[0]:.2f} × | {theirs[1]:,} | {ours / theirs[1]:.2f} × |")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--evo", required=True, help="the unpacked source package")
    arguments.add_argument("--gtsam", required=True, help="the unpacked wheel")
    arguments.add_argument("--flight", default=ROOT / "examples/data/flight.ulg")
    arguments.add_argument("--program", default=ROOT / "target/release/remanent")
    given = arguments.parse_args()
    print("| table | rows | Remanent | Parquet, zstd 3 | ratio | Parquet, split and delta | ratio |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        database = os.path.join(directory, "flight.rem")
        subprocess.run([given.program, "import", database, given.flight], check=True, stdout=subprocess.DEVNULL)
        streams = flight_tables(given.flight)
        theirs = sum(parquet(columns, directory) for columns in streams.values())
        rows = sum(len(columns[0][1]) for columns in streams.values())
        report(f"flight log, {len(streams)} streams", rows, stored(database), theirs)
        totals = [stored(database), theirs]
        for name, columns in text_tables(given.evo, given.gtsam).items():
            ours, theirs = load(given.program, name, columns, directory), parquet(columns, directory)
            report(name, len(columns[0][1]), ours, theirs)
            totals = [totals[0] + ours, totals[1] + theirs]
        report("all", 0, *totals)


main()
