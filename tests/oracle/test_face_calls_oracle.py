"""Calls right and wrong against PyTorch: what they print, or the error they raise, to the word.

Each program is one line, run with both modules in the place of `torch`.
"""

# ruff: noqa: E402, E501, Q000, S102, T201 - one program a line; they are this file's own

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt

pytestmark = pytest.mark.oracle

KINDS = (
    NotImplementedError, OverflowError, IndexError, AttributeError, ValueError, TypeError, AssertionError,
    RuntimeError,
)  # fmt: skip
PROGRAMS = [
    'y=torch.tensor([2.,3.],requires_grad=True); z=(y**2).sum(); z.backward(create_graph=True); print(y.grad, y.grad.grad_fn.next_functions[0][0].name())',
    'print(torch.lgamma(torch.tensor([1.,2.])))',
    'print(torch.lgamma(torch.tensor([1.,2.,1.5,2.5,100.,0.5],dtype=torch.float64)))',
    'print(torch.full((2,)))',
    'print(torch.ones(2,dtype="float"))',
    'print(torch.tensor([1,2])<<1, torch.tensor([4,8])>>1, 1<<torch.tensor([1,2]))',
    'i=torch.tensor([1,2]); i<<=1; print(i); i>>=1; print(i)',
    'print(torch.isin(torch.tensor([1,2,3]), torch.tensor([2,3])))',
    'print(torch.unique_consecutive(torch.tensor([1,1,2,2,3,1])))',
    'print(torch.unique_consecutive(torch.tensor([1,1,2,2,3,1]), return_counts=True, return_inverse=True))',
    'x=torch.zeros(3,3); print(x.fill_diagonal_(5))',
    'x=torch.zeros(2,3); print(x.t_().shape, x.unsqueeze_(0).shape, x.squeeze_().shape, x.transpose_(0,1).shape, x.swapaxes_(0,1).shape)',
    'lin=torch.nn.Linear(2,3); x=torch.ones(1,2,dtype=torch.float64); print(lin(x))',
    'print(torch.tensor([1,2],requires_grad=True))',
    'print(torch.softmax(torch.ones(3)))',
    'print(torch.ones(3).softmax())',
    'print(torch.nn.functional.softmax(torch.ones(3)))',
    'print(torch.tensor([1,2])//0)',
    'print(torch.tensor([1,2])%0)',
    'print(torch.tensor([1,2])//torch.tensor([0,1]))',
    'print(torch.cat([]))',
    'print(torch.stack([]))',
    'print(torch.ones(2).pow())',
    'm=torch.ones(2,2); del m[0]',
    'print(torch.tensor([True]).neg())',
    'print(-torch.tensor([True]))',
    'print(torch.sin())',
    'print(torch.sin(torch.ones(1),torch.ones(1)))',
    'print(torch.ones(1).sin(1))',
    'print(torch.ones(2,3).index_select(1,torch.tensor([7])))',
    'print(torch.nn.functional.batch_norm(torch.ones(2,3),None,None))',
    'print(torch.tensor([1.]).expand(-1,-1,3))',
    'print(torch.nn.functional.interpolate(torch.ones(1,1,4),scale_factor=2,mode="foo"))',
    'print(torch.nn.functional.gelu(torch.tensor([1,2])))',
    'print(torch.nn.functional.gelu(torch.tensor([True])))',
    'print(torch.tensor([True]).pow(3))',
    'print(torch.tensor([True])**torch.tensor([True]))',
    'print(torch.tensor(1.,requires_grad=True).transpose(0,-1))',
    'print(torch.tensor(1.).roll(1,0))',
    'print(torch.tensor(1.)[...,0])',
    'print(torch.ones(3,2).expand(2,3))',
    'print(torch.ones(1,3)@torch.ones(2,2).long())',
    'print(torch.addmv(torch.ones(5),torch.ones(2,2),torch.ones(2).long()))',
    'print(torch.nn.functional.mse_loss(torch.ones(2).long(),torch.ones(2).long()))',
    'x=torch.tensor([1.,2.],requires_grad=True); i=torch.tensor([0,1]); y=x[i]; i+=1; y.sum().backward()',
    'print(torch.tensor([True]).abs())',
    'print(torch.tensor([True,False]).argmax())',
    'print(torch.tensor([-0.])%2)',
    'print(torch.tensor([2])**-1)',
    'print(torch.full((2,),10**30))',
    'print(torch.full((2,),2**40,dtype=torch.int32))',
    'print(torch.full((2,),300,dtype=torch.uint8))',
    'print(torch.full((2,),10**30,dtype=torch.float64))',
    'print(torch.full_like(torch.ones(2),10**30))',
    'print(torch.Tensor([1,2]), torch.Tensor(2,3).shape, torch.FloatTensor([1,2]), torch.FloatTensor(2,3).shape,torch.LongTensor([1,2]))',
    'print(torch.Tensor(), torch.Tensor(torch.tensor([1.,2.])), torch.Tensor(((1,2),(3,4))))',
    'print(isinstance(torch.ones(1),torch.Tensor), isinstance(torch.nn.Parameter(torch.ones(1)),torch.Tensor), torch.Tensor.add(torch.ones(1),1))',
    'print(isinstance(torch.ones(1),torch.FloatTensor), isinstance(torch.ones(1).long(),torch.FloatTensor))',
    'print(torch.Tensor("a"))',
    'print(torch.Tensor(1.5))',
    'torch.set_printoptions(precision=2); print(torch.nn.Parameter(torch.tensor([1.23456]))); torch.set_printoptions(profile="default")',
    "print(torch.zeros(2,device='cuda'))",
    "print(torch.tensor([1.],device='cuda'))",
    "print(torch.randn(2,device='cuda:0'))",
    "print(torch.arange(3,device=torch.device('cuda')))",
    "print(torch.zeros(2,device='foo'))",
    "print(torch.zeros(2,device='cpu'), torch.zeros(2,device=torch.device('cpu')))",
    'print(torch.zeros(2,device=0))',
    "print(torch.ones(2).to('cuda'))",
    "print(torch.nn.Linear(2,2,device='cuda'))",
    'print(torch.ones(2,layout=torch.strided), torch.ones(2,pin_memory=False))',
    'print(torch.ones(2,pin_memory=True))',
    "print(torch.zeros_like(torch.ones(2),memory_format=torch.preserve_format,device='cpu',layout=torch.strided))",
    'o=torch.zeros(3); r=torch.add(torch.ones(3),1,out=o); print(o, r is o)',
    'o=torch.zeros(3); r=torch.exp(torch.zeros(3),out=o); print(o, r is o)',
    'o=torch.zeros(2); r=torch.exp(torch.zeros(3),out=o); print(o, r is o)',
    'o=torch.zeros(3); torch.add(torch.ones(3,requires_grad=True),1,out=o)',
    'o=torch.zeros(3,dtype=torch.int64); torch.add(torch.ones(3),1.5,out=o)',
    'o=torch.zeros(2,3); r=torch.matmul(torch.ones(2,2),torch.ones(2,3),out=o); print(o)',
    'o=torch.zeros(3); torch.arange(3,out=o); print(o)',
    'o=torch.zeros(3); torch.zeros(3,out=o); print(o)',
    'v,i=torch.zeros(2),torch.zeros(2,dtype=torch.int64); torch.max(torch.ones(2,3),1,out=(v,i)); print(v,i)',
    'torch.manual_seed(0); print(torch.normal(0,0.01,size=(2,1),requires_grad=True))',
    'torch.manual_seed(0); print(torch.normal(torch.zeros(2),1.), torch.normal(0.,torch.ones(2)))',
    'print(torch.normal(torch.zeros(2),1.,requires_grad=True))',
    'print(torch.nn.utils.rnn.pad_sequence([torch.ones(2),torch.ones(3)],batch_first=True))',
    'print(torch.ones(2).type())',
    'print(torch.ones(2).new_zeros(3,require_grad=True))',
    'print(torch.optim.SGD([torch.ones(1,requires_grad=True)],lr=0.1,foo=1))',
    'print(torch.nn.Linear(2,2,foo=1))',
    'print(torch.nn.ReLU(foo=1))',
    'print(torch.nn.CrossEntropyLoss(foo=1))',
    'print(torch.nn.Identity(3,foo=1))',
    'print(torch.nn.Sigmoid(1))',
    'print(torch.nn.Embedding(2,2,foo=1))',
    'print(torch.nn.MultiMarginLoss(foo=1))',
    'print(torch.nn.TripletMarginLoss(foo=1))',
    'print(torch.optim.Adam([torch.ones(1,requires_grad=True)],foo=1))',
    'print(torch.ones(2).uniform_(foo=1))',
    'print(torch.ones(2).random_(foo=1))',
    'print(torch.randint_like(torch.ones(2),3,foo=1))',
    'print(torch.ones(2).cuda())',
    'print(torch.ones(2).float().dtype, torch.ones(2).double(memory_format=torch.preserve_format).dtype)',
    'print(torch.ones(2).to(torch.float64,foo=1))',
    'print(torch.ones(2).to(torch.float64,copy=True,non_blocking=True))',
    'print(torch.ones(2).to(3))',
    "print(torch.ones(2).to('double'))",
    'print(torch.linspace(0,1))',
    'print(torch.randint(5))',
    'print(torch.randint(3,(2,),foo=1))',
    'print(torch.eye())',
    'print(torch.arange())',
    'print(torch.zeros())',
    'print(torch.rand())',
    'print(torch.randn(2,3,foo=1))',
    'print(torch.randperm())',
    'print(torch.full())',
    'print(torch.zeros_like())',
    'print(torch.zeros_like(3))',
    'print(torch.tensor())',
    'print(torch.ones(2).exp(2))',
    'print(torch.ones(2).sum(foo=2))',
    'print(torch.ones(2).mean(axes=0))',
    'print(torch.relu(torch.ones(2),foo=1))',
    'print(torch.matmul(torch.ones(2)))',
    'print(torch.ones(2).clone(foo=1))',
    'print(torch.ones(2).reshape())',
    'print(torch.where(torch.tensor([True]),torch.ones(1),foo=2))',
    'print(torch.nn.functional.relu(torch.ones(2),foo=1))',
    'print(torch.nn.functional.mse_loss(torch.ones(2)))',
    'print(torch.nn.functional.cross_entropy(torch.ones(2)))',
    'print(torch.nn.functional.linear(torch.ones(2)))',
    'print(torch.stack([torch.ones(2)],foo=1))',
    'print(torch.abs(torch.ones(2),foo=1))',
    'print(torch.ones(2).backward(foo=3))',
    'print(torch.tensor([1,2]).mean())',
    'print(torch.tensor([1,2]).std())',
    'print(torch.ones(2).bernoulli_(2.))',
    'print(torch.round(torch.tensor([-0.3])), torch.ceil(torch.tensor([-0.3])), torch.tensor([0.])*-1, torch.trunc(torch.tensor([-0.5])), torch.fmod(torch.tensor([-4.]),2), torch.remainder(torch.tensor([-4.]),2), torch.remainder(torch.tensor([4.]),-2))',
    'print(torch.tensor([True])+torch.tensor([True]), torch.tensor([True])*2, torch.tensor([True])/torch.tensor([True]))',
    'print(torch.tensor([True]).sign())',
    'print(torch.tensor([True]).floor())',
    'print(torch.tensor([True]).round())',
    'print(torch.tensor([True]).sqrt(), torch.tensor([True]).exp())',
    'print(torch.tensor([True]).cumsum(0), torch.tensor([True]).prod(), torch.tensor([True]).sum())',
    'print(torch.tensor([True]).max(), torch.tensor([True]).min(), torch.tensor([True]).any())',
    'print(torch.tensor([True]).relu())',
    'print(torch.tensor([True]).clamp(0,1))',
    'print(torch.tensor([True]).sort())',
    'print(torch.tensor([True]).argmin())',
    'print(torch.tensor([True])@torch.tensor([True]))',
    'print(torch.tensor([True]).square())',
    'print(torch.tensor([1,2]).square(), torch.tensor([1,2]).relu(), torch.tensor([1,2]).sigmoid())',
    'print(torch.tensor([True]).median())',
    'print(torch.tensor([True])//torch.tensor([True]))',
    'print(torch.tensor([True])%torch.tensor([True]))',
    'print(torch.tensor([True]).diff())',
    'print(torch.tensor([True]).norm())',
    'print(torch.tensor([1,2]).norm())',
    'print(torch.tensor([1,2]).var())',
    'print(torch.nn.functional.softmax(torch.tensor([1,2]),0))',
    'print(torch.nn.functional.log_softmax(torch.tensor([1,2]),0))',
    'print(torch.nn.functional.softplus(torch.tensor([1,2])))',
    'print(torch.nn.functional.elu(torch.tensor([1,2])))',
    'print(torch.nn.functional.leaky_relu(torch.tensor([1,2])))',
    'print(torch.nn.functional.silu(torch.tensor([1,2])))',
    'print(torch.nn.functional.mish(torch.tensor([1,2])))',
    'print(torch.nn.functional.hardtanh(torch.tensor([1,2])))',
    'print(torch.nn.functional.selu(torch.tensor([1,2])))',
    'print(torch.nn.functional.celu(torch.tensor([1,2])))',
    'print(torch.nn.functional.relu6(torch.tensor([1,2])))',
    'print(torch.nn.functional.hardsigmoid(torch.tensor([1,2])))',
    'print(torch.nn.functional.hardswish(torch.tensor([1,2])))',
    'print(torch.nn.functional.logsigmoid(torch.tensor([1,2])))',
    'print(torch.nn.functional.softsign(torch.tensor([1,2])))',
    'print(torch.nn.functional.tanhshrink(torch.tensor([1,2])))',
    'print(torch.nn.functional.softshrink(torch.tensor([1,2])))',
    'print(torch.nn.functional.hardshrink(torch.tensor([1,2])))',
    'print(torch.nn.functional.threshold(torch.tensor([1,2]),1,2))',
    'print(torch.nn.functional.l1_loss(torch.tensor([1,2]),torch.tensor([1,3])))',
    'print(torch.nn.functional.smooth_l1_loss(torch.tensor([1,2]),torch.tensor([1,3])))',
    'print(torch.nn.functional.huber_loss(torch.tensor([1,2]),torch.tensor([1,3])))',
    'print(torch.nn.functional.binary_cross_entropy(torch.tensor([1,0]),torch.tensor([1,0])))',
    'print(torch.nn.functional.layer_norm(torch.tensor([1,0]),(2,)))',
    'print(torch.nn.functional.normalize(torch.tensor([1,0]),dim=0))',
]  # fmt: skip


def told(program: str, module: Any) -> str:
    """What a program prints; then the kind of its error and the text, up to a list of signatures' hints."""
    printed = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
        warnings.simplefilter("ignore")
        module.manual_seed(0)
        try:
            exec(program.replace("; ", "\n"), {"torch": module})
        except Exception as error:  # noqa: BLE001 - whatever it is, its words are compared
            kind = next((one.__name__ for one in KINDS if isinstance(error, one)), type(error).__name__)
            print(f"{kind}: {error}")
    return printed.getvalue().strip()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_call_does_what_pytorchs_does(program: str) -> None:
    try:
        assert told(program, gt) == told(program, torch)
    finally:
        for module in (gt, torch):
            module.set_printoptions(profile="default")
