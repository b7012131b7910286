"""A batch of tangents at one point gives what each of them gives alone."""

from __future__ import annotations

import numpy as np

from gradcli.autograd.stack_rules import jvp_stacked

SIZE = 3


def test_a_batch_of_tangents_goes_through_one_point(laws, record):
    for values, params in laws.cases(record):
        outputs = [np.asarray(y) for y in laws.outputs(laws.numpy, record, values, params)]
        needs = laws.positions(record, values, params)
        if not needs:
            continue
        random = np.random.default_rng(0)
        tangents = [random.standard_normal((SIZE, *x.shape)) if i in needs else None
                    for i, x in enumerate(values)]  # fmt: skip
        flags = [*(False for _ in (*values, *outputs)), *(True for _ in tangents)]
        found = jvp_stacked(record, values, outputs, tangents, flags, params)
        for k in range(SIZE):
            alone = [None if t is None else t[k] for t in tangents]
            expected = laws.jvp(laws.numpy, record, values, outputs, alone, params)
            for y, z, output in zip(found, expected, outputs, strict=True):
                if y is None or z is None:
                    assert y is None or not y.any()
                    assert z is None or not np.any(z) or output.dtype.kind != "f"
                    continue
                assert y.shape == (SIZE, *output.shape)
                whole = np.broadcast_to(z, output.shape)
                assert np.allclose(y[k], whole, rtol=1e-9, atol=1e-11, equal_nan=True), (record.name, params)
