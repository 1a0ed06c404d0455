"""A run whose cases are asked one by one, as the workers of a suite share them."""

from __future__ import annotations

import pytest

from layercheck.implementations import module
from layercheck.pipeline.by_case import ByCase
from layercheck.pipeline.options import Options

OPTIONS = Options(grid="quick", oracles=("exact",), recorded=True, ops=("relu", "avg_pool"))


def test_what_other_workers_judge_is_asked_and_not_judged_again() -> None:
    run = ByCase("ref_layers", OPTIONS)
    try:
        for layer in run.layers:
            found, left = layer.hunted(), run.never_run(layer)
            assert all(not run.fails(outcome) for outcome in found)
            if not left:
                assert not layer.outcomes
            else:
                assert 0 < len(layer.outcomes) < len(layer.tasks)
    finally:
        run.close()


def test_what_others_judge_tells_the_same_of_what_never_ran() -> None:
    told = []
    for whole in (False, True):
        run = ByCase("ref_layers", OPTIONS)
        try:
            for layer in run.layers:
                _ = layer.every() if whole else None
            told.append([run.never_run(layer) for layer in run.layers])
        finally:
            run.close()
    shared, alone = ([[c.never_run for c in checks] for checks in run] for run in told)
    assert any(alone)
    assert shared == alone


def test_a_search_for_what_did_not_run_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    counted = module.reply_of

    def reply_of(*given: object, **named: object) -> object:
        asked.append(given[-1])
        return counted(*given, **named)  # type: ignore[arg-type]

    run = ByCase("ref_layers", OPTIONS)
    try:
        (layer,) = (one for one in run.layers if one.layer.op == "avg_pool")
        layer.every()
        monkeypatch.setattr(module, "reply_of", reply_of)
        layer.hunted()
    finally:
        run.close()
    assert asked.count(1) > 20 > asked.count(2)  # those that are judged are asked twice
