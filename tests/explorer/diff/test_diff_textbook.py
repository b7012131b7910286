"""Gradients of textbook expressions, as the formulas that books give for them."""

from __future__ import annotations

import pytest

from gradcli.explorer.diff.answer import DiffRequest, explore_diff
from gradcli.explorer.request import EvalRequest

# Expression, variables, constants; for each variable the program of one line that `gradcli eval` computes.
CASES = [
    ('mean(3*(x+2)**2)', [], [], ['n = x.numel(); 6*(x + 2)/n']),
    ('sum(x)', [], [], ['ones_like(x)']),
    ('mean(x)', [], [], ['n = x.numel(); ones_like(x)/n']),
    ('sum(x**2)/2', ['x=[1.,2,4]'], [], ['x']),
    ('sum(c*x)', ['x=[1.,2,4]'], ['c=[1.,2,3]'], ['c']),
    ('c@x', ['x=[1.,2,4]'], ['c=[1.,2,3]'], ['c']),
    ('x@x', ['x=[1.,2,4]'], [], ['2*x']),
    ('x.T@A@x', ['x=[1.,2]'], ['A=[[1.,2],[3,4]]'], ['(A + A.T) @ x']),
    ('x@A@x/2 - b@x', ['x=[1.,2]'], ['A=[[1.,2],[3,4]]', 'b=[1.,2]'], ['0.5*(A + A.T) @ x - b']),
    ('u@X@v', ['X=[[3.,1],[1,2]]'], ['u=[1.,2]', 'v=[3.,4]'], ['outer(u, v)']),
    ('u@X.T@v', ['X=[[3.,1],[1,2]]'], ['u=[1.,2]', 'v=[3.,4]'], ['outer(v, u)']),
    ('u@X@X.T@u', ['X=[[3.,1],[1,2]]'], ['u=[1.,2]'], ['2*outer(u, X.T @ u)']),
    ('trace(X)', ['X=[[3.,1],[1,2]]'], [], ['eye(2)']),
    ('trace(A@X)', ['X=[[3.,1],[1,2]]'], ['A=[[1.,2],[3,4]]'], ['A.T']),
    ('trace(X.T@X)', ['X=[[3.,1],[1,2]]'], [], ['2*X']),
    ('trace(X.T@A@X)', ['X=[[3.,1],[1,2]]'], ['A=[[1.,2],[3,4]]'], ['(A + A.T) @ X']),
    ('trace(X@X)', ['X=[[3.,1],[1,2]]'], [], ['2*X.T']),
    ('trace(A@X@B)', ['X=[[3.,1],[1,2]]'], ['A=[[1.,2],[3,4]]', 'B=[[1.,0],[2,1]]'], ['A.T @ B.T']),
    ('trace(inv(X)@A)', ['X=[[3.,1],[1,2]]'], ['A=[[1.,2],[3,4]]'], ['r = inv(X).T; -r @ A.T @ r']),
    ('trace(inv(X))', ['X=[[3.,1],[1,2]]'], [], ['r = inv(X).T; -r @ r']),
    ('det(X)', ['X=[[3.,1],[1,2]]'], [], ['det(X)*inv(X).T']),
    ('log(det(X))', ['X=[[3.,1],[1,2]]'], [], ['inv(X).T']),
    ('logdet(X)', ['X=[[3.,1],[1,2]]'], [], ['inv(X).T']),
    ('slogdet(X)[1]', ['X=[[3.,1],[1,2]]'], [], ['inv(X).T']),
    ('sum(inv(X))', ['X=[[3.,1],[1,2]]'], [], ['-sum(inv(X), dim=1)*sum(inv(X), dim=0)[:, None]']),
    ('u@inv(X)@v', ['X=[[3.,1],[1,2]]'], ['u=[1.,2]', 'v=[3.,4]'], ['-outer(inv(X).T @ u, inv(X) @ v)']),
    ('linalg.solve(A,b)@c', ['A=[[3.,1],[1,2]]', 'b=[1.,2]'], ['c=[1.,2]'], ['r = linalg.solve(A.T, c); -outer(r, linalg.solve(A, b))', 'linalg.solve(A.T, c)']),
    ('sum((A@x-b)**2)', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'b=[1.,2,3]'], ['2*A.T @ (A @ x - b)']),
    ('sum((A@x-b)**2)/2', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'b=[1.,2,3]'], ['A.T @ (A @ x - b)']),
    ('F.mse_loss(A@x,b)', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'b=[1.,2,3]'], ['n = b.numel(); 2*A.T @ (A @ x - b)/n']),
    ('mean((A@x-b)**2)', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'b=[1.,2,3]'], ['n = b.numel(); 2*A.T @ (A @ x - b)/n']),
    ('norm(A@x-b)**2', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'b=[1.,2,3]'], ['2*A.T @ (A @ x - b)']),
    ('norm(A@x-b)', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'b=[1.,2,3]'], ['r = A @ x - b; A.T @ r/norm(r)']),
    ('sum((A@x-b)**2)+lam*sum(x**2)', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'b=[1.,2,3]', 'lam=0.1'], ['2*(A.T @ (A @ x - b) + lam*x)']),
    ('r=A@x-b;r@r', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'b=[1.,2,3]'], ['2*A.T @ (A @ x - b)']),
    ('sum(abs(A@x-b))', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'b=[1.,2,3]'], ['A.T @ sign(A @ x - b)']),
    ('norm(X)', ['X=[[3.,1],[1,2]]'], [], ['X/norm(X)']),
    ('norm(X)**2', ['X=[[3.,1],[1,2]]'], [], ['2*X']),
    ('sum(X**2)', ['X=[[3.,1],[1,2]]'], [], ['2*X']),
    ('norm(x)', ['x=[1.,2,4]'], [], ['x/norm(x)']),
    ('norm(x,p=1)', ['x=[1.,2,4]'], [], ['sign(x)']),
    ('norm(x)*sum(x)', ['x=[1.,2,4]'], [], ['sum(x)*x/norm(x) + norm(x)']),
    ('mean((X@W+b-Y)**2)', ['W=[[1.,0],[0,1]]', 'b=[0.,1]'], ['X=[[1.,2],[3,4],[5,6]]', 'Y=[[1.,1],[2,2],[3,3]]'], ['n = Y.numel(); r = X @ W + b - Y; 2*X.T @ r/n', 'n = Y.numel(); r = X @ W + b - Y; 2*sum(r, dim=0)/n']),
    ('mean(log(1+exp(-y*(A@x))))', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'y=[1.,-1,1]'], ['n = y.numel(); -A.T @ (y*sigmoid(-y*(A @ x)))/n']),
    ('sum(F.softplus(A@x)-y*(A@x))', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'y=[1.,0,1]'], ['A.T @ (sigmoid(A @ x) - y)']),
    ('F.binary_cross_entropy_with_logits(A@x,y)', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'y=[1.,0,1]'], ['n = y.numel(); A.T @ (sigmoid(A @ x) - y)/n']),
    ('-mean(y*log(sigmoid(A@x))+(1-y)*log(1-sigmoid(A@x)))', ['x=[1.,2]'], ['A=[[1.,2],[3,4],[5,7]]', 'y=[1.,0,1]'], ['n = y.numel(); A.T @ (sigmoid(A @ x) - y)/n']),
    ('F.binary_cross_entropy(sigmoid(z),y)', ['z=[.1,.2,.3]'], ['y=[1.,0,1]'], ['n = z.numel(); (sigmoid(z) - y)/n']),
    ('F.cross_entropy(z,y)', ['z=[[1.,2],[3,4]]'], ['y=tensor([0,1])'], ['n = y.numel(); (softmax(z, dim=1) - F.one_hot(y, 2))/n']),
    ('F.cross_entropy(X@W,y)', ['W=[[1.,0],[0,1]]'], ['X=[[1.,2],[3,4],[5,6]]', 'y=tensor([0,1,1])'], ['n = y.numel(); X.T @ (softmax(X @ W, dim=1) - F.one_hot(y, 2))/n']),
    ('-sum(y*log_softmax(z,0))', ['z=[1.,2,3]'], ['y=[.2,.3,.5]'], ['softmax(z, dim=0) - y']),
    ('-sum(y*log_softmax(z,0))', ['z=[1.,2,3]'], ['y=[.2,.3,.9]'], ['sum(y)*softmax(z, dim=0) - y']),
    ('F.nll_loss(log_softmax(z,1),y)', ['z=[[1.,2],[3,4]]'], ['y=tensor([0,1])'], ['n = y.numel(); (softmax(z, dim=1) - F.one_hot(y, 2))/n']),
    ('logsumexp(x,0)', ['x=[1.,2,4]'], [], ['softmax(x, dim=0)']),
    ('log(sum(exp(x)))', ['x=[1.,2,4]'], [], ['softmax(x, dim=0)']),
    ('sum(softmax(x,0)*c)', ['x=[1.,2,4]'], ['c=[1.,2,3]'], ['r = softmax(x, dim=0); c*r - sum(c*r)*r']),
    ('sum(log_softmax(x,0)*c)', ['x=[1.,2,4]'], ['c=[1.,2,3]'], ['c - sum(c)*softmax(x, dim=0)']),
    ('sum(W2@tanh(W1@x+b))', ['W1=[[1.,2],[3,4]]', 'b=[0.,1]', 'W2=[[1.,0],[0,1]]'], ['x=[1.,2]'], ['r = tanh(W1 @ x + b); s = sum(W2, dim=0)*(1 - r**2); outer(s, x)', 'r = tanh(W1 @ x + b); sum(W2, dim=0)*(1 - r**2)', 'r = tanh(W1 @ x + b); broadcast_to(r, W2.shape)']),
    ('sum((W2@relu(W1@x)-y)**2)', ['W1=[[1.,2],[3,-4]]', 'W2=[[1.,0],[0,1]]'], ['x=[1.,2]', 'y=[1.,2]'], ['r = relu(W1 @ x); s = W2 @ r - y; outer(where(W1 @ x > 0, 2*W2.T @ s, 0.0), x)', 'r = relu(W1 @ x); s = W2 @ r - y; 2*outer(s, r)']),
    ('sum(relu(x))', ['x=[1.,2,4]'], [], ['where(x > 0, 1.0, 0.0)']),
    ('sum(abs(x))', ['x=[1.,2,4]'], [], ['sign(x)']),
    ('sum(sigmoid(x))', ['x=[1.,2,4]'], [], ['r = sigmoid(x); r*(1 - r)']),
    ('sum(tanh(x))', ['x=[1.,2,4]'], [], ['1 - tanh(x)**2']),
    ('sum(log(x))', ['x=[1.,2,4]'], [], ['1/x']),
    ('sum(exp(-x**2/2))', ['x=[1.,2,4]'], [], ['-x*exp(-0.5*x**2)']),
    ('sum(sqrt(x))', ['x=[1.,2,4]'], [], ['0.5/sqrt(x)']),
    ('sum(1/x)', ['x=[1.,2,4]'], [], ['-1/x**2']),
    ('sum(sin(x)*cos(x))', ['x=[1.,2,4]'], [], ['cos(x)**2 - sin(x)**2']),
    ('sum(x**y)', ['x=[1.,2,4]', 'y=[2.,3,1]'], [], ['y*x**(y - 1)', 'x**y*log(x)']),
    ('sum(2**x)', ['x=[1.,2,4]'], [], ['log(2)*2**x']),
    ('sum(F.softplus(x))', ['x=[1.,2,4]'], [], ['sigmoid(x)']),
    ('sum(F.silu(x))', ['x=[1.,2,4]'], [], ['sigmoid(x)*(x*sigmoid(-x) + 1)']),
    ('sum(F.gelu(x))', ['x=[1.,2,4]'], [], ['x*exp(-0.5*x**2)/sqrt(2*pi) + special.ndtr(x)']),
    ('sum(erf(x))', ['x=[1.,2,4]'], [], ['2*exp(-x**2)/sqrt(pi)']),
    ('sum(lgamma(x))', ['x=[1.,2,4]'], [], ['digamma(x)']),
    ('sum(where(x>2,x**2,x))', ['x=[1.,2,4]'], [], ['where(x > 2, 2*x, 1.0)']),
    ('sum(maximum(x,c))', ['x=[1.,2,4]'], ['c=[1.5,1.5,1.5]'], ['where(x >= c, 1.0, 0.0)']),
    ('sum(clamp(x,0.5,3)**2)', ['x=[1.,2,4]'], [], ['where((x >= 0.5) & (x <= 3), 2*clamp(x, min=0.5, max=3), 0.0)']),
    ('F.huber_loss(x,c)', ['x=[1.,2,4]'], ['c=[1.5,1.5,1.5]'], ['n = x.numel(); where(abs(x - c) <= 1, x - c, sign(x - c))/n']),
    ('prod(x)', ['x=[1.,2,4]'], [], ['prod(x)/x']),
    ('cumsum(x,0).sum()', ['x=[1.,2,4]'], [], ['n = x.numel(); arange(n, 0, -1)']),
    ('cumsum(x,0)@c', ['x=[1.,2,4]'], ['c=[1.,2,3]'], ['flip(cumsum(flip(c, (0,)), dim=0), (0,))']),
    ('x[0]*x[1]', ['x=[1.,2,4]'], [], ['stack([x[1], x[0], tensor(0.0)])']),
    ('x[0]*x[1]', ['x=[1.,2]'], [], ['stack([x[1], x[0]])']),
    ('x[1]**2', ['x=[1.,2,4]'], [], ['where(arange(3) == 1, 2*x[1], 0.0)']),
    ('sum(x[1:]**2)', ['x=[1.,2,4]'], [], ['cat([zeros((1,)), 2*x[1:]])']),
    ('sum((x[1:]-x[:-1])**2)', ['x=[1.,2,4]'], [], ['cat([zeros((1,)), 2*(x[1:] - x[:-1])]) + cat([2*(x[:-1] - x[1:]), zeros((1,))])']),
    ('max(x)', ['x=[1.,2,4]'], [], ['where(x == amax(x), 1.0, 0.0)']),
    ('sum(amax(x,1))', ['x=[[1.,2,3],[4,5,7]]'], [], ['where(x == amax(x, dim=1)[:, None], 1.0, 0.0)']),
    ('sum(outer(u,v)*B)', ['u=[1.,2]', 'v=[1.,2,3]'], ['B=[[1.,2,3],[4,5,6]]'], ['B @ v', 'B.T @ u']),
    ('sum(outer(x,x))', ['x=[1.,2,4]'], [], ['2*sum(x)*ones_like(x)']),
    ('sum(diag(x)@A@x)', ['x=[1.,2]'], ['A=[[1.,2],[3,4]]'], ['(A + A.T) @ x']),
    ('var(x)', ['x=[1.,2,4]'], [], ['n = x.numel(); 2*(x - mean(x))/(n - 1)']),
    ('std(x)', ['x=[1.,2,4]'], [], ['n = x.numel(); (x - mean(x))/(std(x)*(n - 1))']),
    ('sum((x-mean(x))**2)', ['x=[1.,2,4]'], [], ['2*(x - mean(x))']),
    ('mean(x,0).norm()', ['x=[[1.,2,3],[4,5,7]]'], [], ['n = x.shape[0]; r = mean(x, dim=0); broadcast_to(r/(n*norm(r)), x.shape)']),
    ('sum(mean(x,0)**2)', ['x=[[1.,2,3],[4,5,7]]'], [], ['n = x.shape[0]; broadcast_to(2*mean(x, dim=0)/n, x.shape)']),
    ('mean(mean(x,0)**2)', ['x=[[1.,2,3],[4,5,7]]'], [], ['n = x.shape[0]; m = x.shape[1]; broadcast_to(2*mean(x, dim=0)/(m*n), x.shape)']),
    ('sum(x.flatten()**3)', ['x=[[1.,2,3],[4,5,7]]'], [], ['3*x**2']),
    ('sum(x.T@x)', ['x=[[1.,2,3],[4,5,7]]'], [], ['broadcast_to(2*sum(x, dim=1)[:, None], x.shape)']),
    ('sum(cat([x,2*x]))', ['x=[1.,2,4]'], [], ['3*ones_like(x)']),
    ('sum(F.conv1d(x,w)**2)', ['x=[[[1.,2,3,4]]]', 'w=[[[1.,2]]]'], [], ['r = 2*F.conv1d(x, w); F.conv_transpose1d(r, w)', 'r = 2*F.conv1d(x, w); F.conv1d(x.transpose(0, 1), r.transpose(0, 1))[:, :, :2].transpose(0, 1)']),
    ('sum(x*y)', [], [], ['y', 'x']),
    ('x**3', ['x=2'], [], ['3*x**2']),
    ('sin(x)*exp(x)', ['x=2'], [], ['exp(x)*(cos(x) + sin(x))']),
    ('sum(x*x.detach())', ['x=[1.,2,4]'], [], ['x']),
    ('F.mse_loss(x,y,reduction="sum")', ['x=[1.,2,4]', 'y=[1.,2,3]'], [], ['2*(x - y)', '2*(y - x)']),
    ('einsum("i,ij,j->",x,A,x)', ['x=[1.,2]'], ['A=[[1.,2],[3,4]]'], ['(A + A.T) @ x']),
    ('sum(F.normalize(x,dim=0)*c)', ['x=[1.,2,4]'], ['c=[1.,2,3]'], ['c/norm(x) - sum(x*c)*x/norm(x)**3']),
    ('sum(F.layer_norm(x,(3,))*c)', ['x=[1.,2,4]'], ['c=[1.,2,3]'], ['r = x - mean(x); s = mean(r**2) + 1e-05; (c - mean(c) - mean(c*r)*r/s)/sqrt(s)']),
]


def _programs(expression, variables, constants):
    request = EvalRequest((expression,), tuple(variables), tuple(constants))
    report = explore_diff(request, DiffRequest(), lambda _: None)
    assert all(one.simplified for one in report.derivatives)
    assert report.points == 4
    return [one.program for one in report.derivatives]


@pytest.mark.parametrize(("expression", "variables", "constants", "programs"), CASES)
def test_the_formula_is_that_of_the_books(expression, variables, constants, programs):
    assert _programs(expression, variables, constants) == programs


@pytest.mark.parametrize("value", ["2", "[1.,2,3]", "[[1.,2],[3,4]]", "randn(2,3,4)"])
def test_a_mean_has_one_formula_for_every_shape(value):
    assert _programs("mean(3*(x+2)**2)", [f"x={value}"], []) == (
        ["n = x.numel(); 6*(x + 2)/n"] if value != "2" else ["6*(x + 2)"]
    )


def test_two_counts_have_two_names():
    (program,) = _programs("mean(sum(x**2, 0)) / x.shape[0] + mean(x**3)", ["x=[[1.,2,3],[4,5,7]]"], [])
    assert program == "n = x.shape[1]; m = x.numel(); x/n + 3*x**2/m"


def test_a_count_of_what_was_reshaped_is_told_by_the_leaf():
    (program,) = _programs("mean(x.T.reshape(-1)**2)", ["x=[[1.,2,3],[4,5,7]]"], [])
    assert program.startswith("n = x.numel(); ")


def test_a_count_that_nothing_tells_is_a_number():
    assert _programs("mean(x*tensor([1.,2,3]))", ["x=2"], []) == ["sum(tensor([1.0, 2.0, 3.0]))/3"]


def test_common_subterms_have_a_name():
    programs = _programs("mean((X@W+b-Y)**2)", ["W=eye(2)", "b=[0.,1]"], ["X=randn(3,2)", "Y=randn(3,2)"])
    assert all("r = X @ W + b - Y; " in program for program in programs)


def test_a_name_of_ours_is_none_of_the_program():
    (program,) = _programs("mean((n + r)**2)", ["n=[1.,2]"], ["r=[1.,2]"])
    assert program == "m = n.numel(); 2*(n + r)/m"


def test_without_bindings_backward_starts_from_ones():
    started = _programs("x.T @ A @ x", [], ["A=[[1.,2],[3,4]]"])
    assert started == _programs("sum(x.T @ A @ x)", [], ["A=[[1.,2],[3,4]]"])


def test_what_is_detached_is_constant():
    assert _programs("sum(x*x.detach())", ["x=[1.,2]"], []) == ["x"]


def test_what_no_variable_moves_has_gradient_zero():
    assert _programs("sum(c) + 0*sum(x)", ["x=[1.,2]"], ["c=[1.,2]"]) == ["zeros_like(x)"]


def test_several_expressions_are_differentiated_together():
    request = EvalRequest(("sum(x**2)", "3*sum(x)"), ("x=[1.,2]",))
    (one,) = explore_diff(request, DiffRequest(), lambda _: None).derivatives
    assert one.program == "2*x + 3"
