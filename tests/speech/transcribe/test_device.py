"""Where a model runs: what CTranslate2 says about graphics cards, and what then happens."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import pytest

from app.core.errors import ModelCorruptError
from app.speech.transcribe.device import CPU, NO_CARD, Device, find_device, load_on

NO_DRIVER = "CUDA failed with error CUDA driver version is insufficient for CUDA runtime version"
NO_CUBLAS = "Library libcublas.so.12 is not found or cannot be loaded"
CARD = Device("cuda", "int8_float16")


@dataclass
class FakeCt2:
    """What CTranslate2 answers on a machine with `cards` graphics cards."""

    cards: int = 1
    types: frozenset[str] = frozenset(
        {"float32", "float16", "bfloat16", "int8", "int8_float32", "int8_float16", "int8_bfloat16"}
    )
    failure: Exception | None = None

    def get_cuda_device_count(self) -> int:
        if self.failure:
            raise self.failure
        return self.cards

    def get_supported_compute_types(self, device: str) -> set[str]:
        assert device == "cuda"
        return set(self.types)


@pytest.mark.parametrize(
    ("ct2", "found"),
    [
        (FakeCt2(0), Device("cpu", "int8", NO_CARD)),
        (FakeCt2(), CARD),
        (FakeCt2(types=frozenset({"float32", "float16"})), Device("cuda", "float16")),
        (FakeCt2(types=frozenset({"float32", "int8_float32"})), Device("cuda", "int8_float32")),
    ],
)
def test_a_card_is_used_with_the_cheapest_arithmetic(ct2: FakeCt2, found: Device) -> None:
    assert find_device(ct2) == found


@pytest.mark.parametrize(
    "ct2", [FakeCt2(failure=RuntimeError(NO_DRIVER)), FakeCt2(types=frozenset({"int4"}))]
)
def test_a_card_that_cannot_be_used_is_named_as_the_reason(ct2: FakeCt2) -> None:
    device = find_device(ct2)
    assert (device.kind, device.compute_type) == ("cpu", "int8")
    assert "graphics card" in device.reason
    assert device.troubled
    assert str(device) == f"the CPU (int8), because {device.reason}"


def test_a_machine_without_a_card_is_nothing_to_worry_about() -> None:
    device = find_device(FakeCt2(0))
    assert not device.troubled
    assert NO_CARD in str(device)
    assert str(CARD) == "the graphics card (int8_float16)"


@dataclass
class Loader:
    """Loads the name of the device; `broken` is raised on the card, at one of two moments."""

    broken: Exception | None = None
    when: str = "load"
    loaded: list[str] = field(default_factory=list)

    def load(self, device: Device) -> str:
        self.loaded.append(device.kind)
        if device.kind == "cuda" and self.when == "load" and self.broken:
            raise self.broken
        return device.kind

    def try_out(self, model: str) -> None:
        assert model == "cuda", "the CPU needs no trial"
        if self.broken:
            raise self.broken


def test_a_card_that_works_is_used() -> None:
    loader = Loader()
    assert load_on(CARD, loader.load, loader.try_out) == ("cuda", CARD)


def test_the_cpu_is_not_tried_out() -> None:
    loader = Loader()
    assert load_on(CPU, loader.load, loader.try_out) == ("cpu", CPU)
    assert loader.loaded == ["cpu"]


@pytest.mark.parametrize(
    ("broken", "when"),
    [
        (ModelCorruptError("CUDA failed with error out of memory"), "load"),
        (RuntimeError(NO_CUBLAS), "use"),
        (ValueError("unsupported compute type"), "use"),
    ],
)
def test_a_card_that_fails_is_left_for_the_cpu_and_the_reason_is_told(
    broken: Exception, when: str, caplog: pytest.LogCaptureFixture
) -> None:
    loader = Loader(broken, when)
    with caplog.at_level(logging.WARNING):
        model, device = load_on(CARD, loader.load, loader.try_out)
    assert (model, device.kind, device.compute_type) == ("cpu", "cpu", "int8")
    assert str(broken) in device.reason
    assert str(broken) in caplog.text


def test_what_fails_on_the_cpu_as_well_is_an_error() -> None:
    def load(_device: Device) -> str:
        raise ModelCorruptError("The model cannot be loaded")

    with pytest.raises(ModelCorruptError):
        load_on(CARD, load, lambda _model: None)
