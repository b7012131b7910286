from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.files import read_array
from gradcli.explorer.request import Backward, EvalRequest

if TYPE_CHECKING:
    from pathlib import Path


def bound(text: str, option: str = "c") -> np.ndarray:
    names = {"v": {"variables": (f"x={text}",)}, "c": {"constants": (f"x={text}",)}}[option]
    request = EvalRequest(("x",), backward=Backward(run=False), **names)
    return evaluate(request, print).roots[0].array


def fault(text: str):
    with pytest.raises(GradcliError) as caught:
        bound(text)
    return caught.value.diagnostic


def test_an_npy_file_keeps_its_numbers_and_its_dtype(tmp_path: Path):
    for dtype in (np.float32, np.int64, np.dtype(">f8"), bool):
        given = np.arange(6).reshape(2, 3).astype(dtype)
        np.save(tmp_path / "a.npy", given)
        found = bound(f"@{tmp_path}/a.npy")
        np.testing.assert_array_equal(found, given)
        assert found.dtype == np.dtype(dtype).newbyteorder("=")


def test_a_variable_from_a_file_of_whole_numbers_is_a_float(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.arange(3))
    assert bound(f"@{tmp_path}/a.npy", "v").dtype == np.float64


def test_an_array_in_column_order_arrives_as_it_was_saved(tmp_path: Path):
    given = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    np.save(tmp_path / "a.npy", given)
    np.testing.assert_array_equal(bound(f"@{tmp_path}/a.npy"), given)


def test_a_member_of_an_npz_file_stands_behind_a_colon(tmp_path: Path):
    np.savez(tmp_path / "b.npz", w=np.ones(2), b=np.arange(3.0))
    np.testing.assert_array_equal(bound(f"@{tmp_path}/b.npz:b"), [0, 1, 2])
    assert "holds 2 arrays" in fault(f"@{tmp_path}/b.npz").message
    assert "it holds w, b" in fault(f"@{tmp_path}/b.npz:q").help


def test_the_only_member_of_an_npz_file_needs_no_name(tmp_path: Path):
    np.savez_compressed(tmp_path / "b.npz", w=np.arange(4.0))
    np.testing.assert_array_equal(bound(f"@{tmp_path}/b.npz"), [0, 1, 2, 3])


def test_a_csv_file_is_rows_of_numbers_under_an_optional_heading(tmp_path: Path):
    (tmp_path / "c.csv").write_text("u,v\n1,2\n3,4\n")
    np.testing.assert_array_equal(bound(f"@{tmp_path}/c.csv"), [[1, 2], [3, 4]])
    (tmp_path / "c.csv").write_text("1\n2\n3\n")
    np.testing.assert_array_equal(bound(f"@{tmp_path}/c.csv"), [1, 2, 3])


def test_a_csv_file_with_a_word_or_a_short_row_is_refused_with_the_line(tmp_path: Path):
    (tmp_path / "c.csv").write_text("1,2\n3,x\n")
    assert "line 2: `x` is no number" in fault(f"@{tmp_path}/c.csv").message
    (tmp_path / "c.csv").write_text("1,2\n3\n")
    assert "line 2 has 1 cells" in fault(f"@{tmp_path}/c.csv").message


def test_a_json_file_holds_nested_lists_and_names_for_what_is_not_finite(tmp_path: Path):
    (tmp_path / "d.json").write_text('[[1, "nan"], [3, "-inf"]]')
    np.testing.assert_array_equal(bound(f"@{tmp_path}/d.json"), [[1, np.nan], [3, -np.inf]])


@pytest.mark.parametrize(
    "text", ['{"a": 1}', "[1, [2]]", "[1,", '["a"]', "[" * 100_000, "[" + "9" * 5000 + "]"]
)
def test_json_of_another_kind_is_refused(tmp_path: Path, text: str):
    (tmp_path / "d.json").write_text(text)
    assert fault(f"@{tmp_path}/d.json").code.startswith("E")


def test_json_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"[1, 2.5]")))
    np.testing.assert_array_equal(bound("@-"), [1, 2.5])


def test_a_pickle_is_refused_and_never_loaded(tmp_path: Path):
    np.save(tmp_path / "o.npy", np.array([{}], dtype=object), allow_pickle=True)
    assert fault(f"@{tmp_path}/o.npy").code == "E514"
    np.savez(tmp_path / "o.npz", a=np.array([{}], dtype=object))
    assert fault(f"@{tmp_path}/o.npz").code == "E514"


def test_a_header_that_promises_more_than_the_file_holds_is_refused(tmp_path: Path):
    for count in (10**6, 10**12):
        header = (
            f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({count},)}}".ljust(117).encode() + b"\n"
        )
        (tmp_path / "big.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00" + header)
        assert fault(f"@{tmp_path}/big.npy").code in {"E514", "E601"}


def test_what_a_bad_header_says_is_not_passed_on(tmp_path: Path):
    header = b"{'descr': 'evil words', 'fortran_order': False, 'shape': (1,)}".ljust(117) + b"\n"
    (tmp_path / "bad.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00" + header)
    assert "evil" not in str(fault(f"@{tmp_path}/bad.npy"))


@pytest.mark.parametrize("name", ["none.npy", "none.npz", "none.csv", "x.txt", "noending", "a\0b.npy"])
def test_a_file_that_cannot_be_read_is_named(name: str):
    found = fault(f"@{name}")
    assert found.code in {"E510", "E511"}
    assert found.span is not None


def test_a_damaged_archive_is_refused(tmp_path: Path):
    (tmp_path / "z.npz").write_bytes(b"PK\x03\x04 nothing of the kind")
    assert fault(f"@{tmp_path}/z.npz").code == "E514"


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (("x",), "E501"),
        (("1x=2",), "E501"),
        (("_x=2",), "E501"),
        (("for=2",), "E501"),
        (("x=1", "x=2"), "E502"),
        (("x='a'",), "E503"),
        (("x=sin",), "E503"),
        (("x=",), "E131"),
        (("x=y",), "E201"),
        (("x=[1,2",), "E108"),
    ],
)
def test_a_binding_that_makes_no_value_is_refused(texts: tuple[str, ...], code: str):
    with pytest.raises(GradcliError) as caught:
        evaluate(EvalRequest(("1",), variables=texts), print)
    assert caught.value.diagnostic.code == code


def test_cells_stand_between_commas_semicolons_tabs_or_spaces_in_quotes_or_not(tmp_path: Path):
    for text in (
        "1,2\n3,4\n",
        "1;2\n3;4\n",
        "1\t2\n3\t4\n",
        "1 2\n3  4\n",
        '"1","2"\n"3","4"\n',
        "a,b\n1,2\n3,4\n",
    ):
        assert read(tmp_path, text).tolist() == [[1, 2], [3, 4]]


def test_numbers_with_a_decimal_comma_are_refused_and_not_taken_for_a_heading(tmp_path: Path):
    with pytest.raises(GradcliError, match="`1,5` is no number"):
        read(tmp_path, "1,5;2,5\n3;4\n")


@pytest.mark.parametrize("text", ["", "a,b\n", "# only a remark\n"])
def test_a_csv_file_without_numbers_is_refused(tmp_path: Path, text: str):
    with pytest.raises(GradcliError, match="holds no numbers"):
        read(tmp_path, text)


def test_unsigned_numbers_beyond_int64_become_floats_and_keep_their_value(tmp_path: Path):
    np.save(tmp_path / "big.npy", np.array([2**63], dtype=np.uint64))
    found = read_array(str(tmp_path / "big.npy"), Source("-v x", "@big.npy"))
    assert found.dtype == np.float64
    assert found.tolist() == [2.0**63]


def test_a_file_of_objects_or_complex_numbers_is_refused_by_what_it_holds(tmp_path: Path):
    for array, part in ((np.array([{}], dtype=object), "a pickle"), (np.ones(2, complex), "complex128")):
        np.save(tmp_path / "odd.npy", array, allow_pickle=True)
        with pytest.raises(GradcliError, match=part):
            read_array(str(tmp_path / "odd.npy"), Source("-v x", "@odd.npy"))


def test_the_name_of_the_file_must_not_be_missing():
    with pytest.raises(GradcliError, match="missing after `@`"):
        read_array("", Source("-v x", "@"))


def read(folder: Path, text: str) -> np.ndarray:
    path = folder / "some.csv"
    path.write_text(text, encoding="utf-8")
    return read_array(str(path), Source("-v x", "@some.csv"))
