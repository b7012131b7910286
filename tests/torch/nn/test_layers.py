from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli import torch
from gradcli.diagnostics import RuntimeFault, ValueFault

nn = torch.nn


def test_a_linear_layer_begins_with_pytorchs_numbers():
    torch.manual_seed(0)
    layer = nn.Linear(2, 1)
    np.testing.assert_allclose(layer.weight.tolist(), [[-0.0052939812, 0.3793228865]], atol=1e-6)
    np.testing.assert_allclose(layer.bias.tolist(), [-0.5819807649], atol=1e-6)


def test_the_padding_of_an_embedding_is_zero_and_gets_no_gradient():
    table = nn.Embedding(4, 2, padding_idx=-1)
    assert table.weight[3].tolist() == [0.0, 0.0]
    table(torch.tensor([0, 3])).sum().backward()
    assert table.weight.grad.tolist() == [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]


def test_dropout_does_nothing_outside_of_training():
    x = torch.ones(100)
    assert nn.Dropout(0.5).eval()(x) is x


def test_dropout_keeps_the_scale_of_what_it_keeps():
    torch.manual_seed(0)
    assert set(nn.Dropout(0.75)(torch.ones(200)).tolist()) == {0.0, 4.0}


def test_channel_dropout_drops_channels_whole():
    torch.manual_seed(0)
    found = nn.Dropout2d(0.5)(torch.ones(3, 8, 2, 2)).sum((2, 3))
    assert set(found.flatten().tolist()) == {0.0, 8.0}


def test_an_activation_in_place_changes_its_input():
    x = torch.tensor([-1.0, 1.0])
    assert nn.ReLU(inplace=True)(x) is x
    assert x.tolist() == [0.0, 1.0]


def test_batch_normalisation_follows_the_batches():
    layer = nn.BatchNorm1d(1)
    layer(torch.tensor([[0.0], [2.0]]))
    assert layer.running_mean.tolist() == pytest.approx([0.1])
    assert layer.running_var.tolist() == pytest.approx([0.9 + 0.1 * 2.0])
    assert layer.num_batches_tracked.item() == 1
    before = layer.running_mean.tolist()
    layer.eval()(torch.tensor([[5.0], [9.0]]))
    assert layer.running_mean.tolist() == before


def test_a_layer_of_lstm_cells_is_the_lstm():
    torch.manual_seed(0)
    whole, cell = nn.LSTM(3, 4), nn.LSTMCell(3, 4)
    names = zip(cell.parameters(), whole.parameters(), strict=True)
    with torch.no_grad():
        for own, other in names:
            own.copy_(other)
    x = torch.randn(5, 2, 3)
    outputs, (hidden, _) = whole(x)
    state = None
    for step in range(5):
        state = cell(x[step], state)
        np.testing.assert_allclose(outputs[step].tolist(), state[0].tolist(), atol=1e-6)
    assert hidden[0].tolist() == outputs[4].tolist()


@pytest.mark.parametrize(
    ("given", "states", "message"),
    [
        ((1, 4), (), "input has inconsistent input_size: got 4 expected 2"),
        ((1, 2), ((1, 3), (1, 4)), "hidden1 has inconsistent hidden_size: got 4, expected 3"),
        ((1, 2), ((2, 3), (2, 3)), "Input batch size 1 doesn't match hidden0 batch size 2"),
    ],
)
def test_a_cell_names_the_size_that_does_not_fit(given, states, message):
    with pytest.raises(RuntimeFault) as caught:
        nn.LSTMCell(2, 3)(torch.ones(given), tuple(map(torch.ones, states)) or None)
    assert str(caught.value) == message


def test_the_weights_of_attention_sum_to_one():
    attend = nn.MultiheadAttention(4, 2, batch_first=True)
    x = torch.randn(2, 3, 4)
    mask = torch.ones(3, 3, dtype=torch.bool).triu(1)
    found, weights = attend(x, x, x, attn_mask=mask)
    assert tuple(found.shape) == (2, 3, 4)
    np.testing.assert_allclose(weights.sum(-1).tolist(), np.ones((2, 3)), atol=1e-6)
    assert weights[:, 0, 1:].abs().sum().item() == 0.0


def test_a_loss_reduces_as_told():
    a, b = torch.tensor([1.0, 2.0]), torch.tensor([0.0, 0.0])
    assert nn.MSELoss(reduction="none")(a, b).tolist() == [1.0, 4.0]
    assert nn.MSELoss(reduction="sum")(a, b).item() == 5.0
    assert nn.MSELoss()(a, b).item() == 2.5


def test_cross_entropy_of_even_logits_is_the_logarithm_of_the_classes():
    loss = nn.CrossEntropyLoss()(torch.zeros(3, 4), torch.tensor([0, 1, 2]))
    assert loss.item() == pytest.approx(math.log(4))


def test_settings_that_do_not_go_together_are_refused():
    with pytest.raises(ValueFault, match="in_channels must be divisible by groups"):
        nn.Conv2d(3, 4, 2, groups=2)
    with pytest.raises(ValueFault, match="dropout probability has to be between 0 and 1, but got 2"):
        nn.Dropout(2)
    with pytest.raises(RuntimeFault, match="Expected 3, got 5"):
        nn.GRU(3, 4)(torch.ones(2, 1, 5))


def test_clipping_by_norm_returns_the_norm_there_was():
    x = torch.tensor([3.0, 4.0], requires_grad=True)
    (x**2).sum().backward()
    norm = nn.utils.clip_grad_norm_([x], 1.0)
    assert norm.item() == 10.0
    np.testing.assert_allclose(x.grad.tolist(), [0.6, 0.8], rtol=1e-6)
    assert nn.utils.clip_grad_norm_(x, 5.0).item() == pytest.approx(1.0)
    np.testing.assert_allclose(x.grad.tolist(), [0.6, 0.8], rtol=1e-6)


def test_clipping_by_value_holds_each_element():
    x = torch.tensor([3.0, -0.1], requires_grad=True)
    (x**2).sum().backward()
    nn.utils.clip_grad_value_(x, 1.0)
    np.testing.assert_allclose(x.grad.tolist(), [1.0, -0.2], rtol=1e-6)


def test_parameters_go_into_a_vector_and_back():
    layer = nn.Linear(2, 1)
    vector = nn.utils.parameters_to_vector(layer.parameters())
    assert vector.tolist() == [*layer.weight[0].tolist(), *layer.bias.tolist()]
    nn.utils.vector_to_parameters(torch.arange(3.0), layer.parameters())
    assert layer.weight.tolist() == [[0.0, 1.0]]
    assert layer.bias.tolist() == [2.0]


def test_initialisation_is_seen_by_a_graph_that_needs_the_old_values():
    weight = torch.ones(2, requires_grad=True)
    y = (weight * weight).sum()
    nn.init.zeros_(weight)
    with pytest.raises(RuntimeFault, match="modified by an inplace operation"):
        y.backward()


def test_an_orthogonal_matrix_has_orthonormal_columns():
    torch.manual_seed(0)
    w = nn.init.orthogonal_(torch.empty(5, 3, dtype=torch.float64))
    np.testing.assert_allclose((w.T @ w).tolist(), np.eye(3), atol=1e-12)


def test_truncated_normals_stay_within_their_bounds():
    torch.manual_seed(0)
    for low, high in ((-1.0, 1.0), (2.0, 4.0)):
        w = nn.init.trunc_normal_(torch.empty(500), a=low, b=high)
        assert low <= w.min().item()
        assert w.max().item() <= high
