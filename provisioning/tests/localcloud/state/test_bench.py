"""What `make bench-restart` judges. Its figures are no test: they are of one machine at one hour."""

import dataclasses
import os

import psutil

from provisioning.localcloud.bench_restart import Restarted, size, weight, work


def test_one_that_is_late_or_heavy_does_not_hold():
    right = Restarted(empty=2, seconds=4.9, busy=4, memory=599, kept=90)
    assert right.holds
    assert not dataclasses.replace(right, seconds=5.1).holds
    assert not dataclasses.replace(right, memory=601).holds


def test_a_process_is_weighed_and_a_folder_is_measured(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(b"x" * 1_000_000)
    assert size(tmp_path) == 1
    this = psutil.Process(os.getpid())
    assert 10 < weight(this) < 10_000
    assert work(this) > 0
