"""Where PyTorch's classes and functions that are no operations live: modules by namespace, loaded by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

__all__ = ["DIRECTORY", "METHODS", "MODULES", "Deferred", "home"]

# PyTorch's modules below `torch`; a name without a table holds records alone.
MODULES = (
    "autograd", "autograd.forward_ad", "autograd.function", "autograd.functional", "autograd.graph",
    "backends", "backends.cudnn", "backends.mps", "cuda", "func", "linalg", "mps", "nn", "nn.functional",
    "nn.init", "nn.utils", "nn.utils.rnn", "optim", "optim.lr_scheduler", "random", "special", "testing",
    "utils", "utils.data",
)  # fmt: skip
PACKAGES = ("nn", "optim")  # the modules of ours that a namespace of that name is spread over

DIRECTORY: dict[str, dict[str, str]] = {
    "": {
        "creation": "empty empty_like full full_like ones ones_like zeros zeros_like",
        "data": "as_tensor from_numpy scalar_tensor tensor",
        "facts": (
            "can_cast finfo iinfo is_floating_point is_nonzero is_tensor numel promote_types result_type"
        ),
        "ranges": "arange eye linspace logspace tril_indices triu_indices",
        "sampling": (
            "bernoulli initial_seed manual_seed multinomial normal rand rand_like randint randint_like randn "
            "randn_like randperm"
        ),
        "environment": (
            "Size are_deterministic_algorithms_enabled channels_last compile contiguous_format device "
            "get_default_device get_num_threads layout load memory_format preserve_format save "
            "set_default_device set_float32_matmul_precision set_num_threads strided "
            "use_deterministic_algorithms"
        ),
        "constants": "e inf nan pi",
        "func_vmap": "vmap",
        "generators": "Generator get_rng_state seed set_rng_state",
        "printing": "get_printoptions printoptions set_printoptions",
        "questions": (
            "angle asarray broadcast_shapes conj is_complex is_conj is_inference is_same_size is_signed "
            "is_storage isin "
            "range real set_anomaly_enabled typename unique_consecutive unravel_index"
        ),
        "counts": "poisson",
        "windows": "bartlett_window blackman_window hamming_window hann_window",
        "typed": (
            "BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor "
            "ShortTensor"
        ),
    },
    "random": {
        "generators": "get_rng_state seed set_rng_state",
        "sampling": "initial_seed manual_seed",
    },
    "backends.cudnn": {"environment": "is_available"},
    "backends.mps": {"environment": "is_available is_built"},
    "cuda": {
        "environment": (
            "current_device device_count empty_cache is_available manual_seed manual_seed_all synchronize"
        ),
    },
    "mps": {"environment": "device_count empty_cache is_available synchronize"},
    "func": {
        "func_call": "functional_call",
        "func_forward": "hessian jacfwd jvp linearize",
        "func_reverse": "grad grad_and_value jacrev vjp",
        "func_vmap": "vmap",
    },
    "autograd": {
        "function": "Function",
        "gradcheck": "gradcheck gradgradcheck",
        "variable": "Variable",
    },
    "autograd.functional": {
        "functional": "hvp jvp vhp vjp",
        "functional_jacobian": "hessian jacobian",
    },
    "autograd.forward_ad": {
        "forward_ad": (
            "UnpackedDualTensor dual_level enter_dual_level exit_dual_level make_dual unpack_dual"
        ),
    },
    "autograd.graph": {
        "graph": "GradientEdge Node get_gradient_edge increment_version register_multi_grad_hook",
    },
    "autograd.gradcheck": {  # a module behind the function of its name, which `torch.autograd` has
        "gradcheck": "GradcheckError gradcheck gradgradcheck",
    },
    "autograd.function": {
        "function": "Function FunctionCtx once_differentiable",
    },
    "nn": {
        "module": "Module",
        "parameter": "Buffer Parameter",
        "linear": "Bilinear Identity Linear",
        "activation": (
            "CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax "
            "Mish "
            "PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus Softshrink Softsign "
            "Tanh Tanhshrink Threshold"
        ),
        "container": "ModuleDict ModuleList Sequential",
        "alignment": "CTCLoss TripletMarginWithDistanceLoss",
        "bags": "EmbeddingBag",
        "parameters": "ParameterDict ParameterList",
        "transformer": "TransformerEncoder TransformerEncoderLayer",
        "unpooling": "LPPool1d LPPool2d LPPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d",
        "padding": (
            "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d "
            "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d "
            "ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d"
        ),
        "rearranging": (
            "ChannelShuffle Fold PixelShuffle PixelUnshuffle Unfold Upsample UpsamplingBilinear2d "
            "UpsamplingNearest2d"
        ),
        "loss": (
            "BCELoss BCEWithLogitsLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss "
            "HingeEmbeddingLoss "
            "HuberLoss KLDivLoss L1Loss MSELoss MarginRankingLoss MultiLabelMarginLoss "
            "MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss PoissonNLLLoss SmoothL1Loss SoftMarginLoss "
            "TripletMarginLoss"
        ),
        "distance": "CosineSimilarity PairwiseDistance",
        "dropout": "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
        "flatten": "Flatten Unflatten",
        "embedding": "Embedding",
        "normalization": (
            "BatchNorm1d BatchNorm2d BatchNorm3d GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d "
            "LayerNorm LocalResponseNorm RMSNorm"
        ),
        "convolution": "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
        "pooling": (
            "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d "
            "AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d MaxPool1d MaxPool2d MaxPool3d"
        ),
        "recurrent": "GRU LSTM RNN",
        "cells": "GRUCell LSTMCell RNNCell",
        "attention": "MultiheadAttention",
    },
    "nn.functional": {
        "functional": (
            "alpha_dropout dropout dropout1d dropout2d dropout3d feature_alpha_dropout gumbel_softmax rrelu"
        ),
    },
    "nn.init": {
        "init": (
            "calculate_gain constant_ dirac_ eye_ kaiming_normal_ kaiming_uniform_ normal_ ones_ orthogonal_ "
            "sparse_ trunc_normal_ uniform_ xavier_normal_ xavier_uniform_ zeros_"
        ),
    },
    "nn.utils": {
        "clipping": (
            "clip_grad_norm_ clip_grad_value_ clip_grads_with_norm_ get_total_norm parameters_to_vector "
            "vector_to_parameters"
        ),
    },
    "testing": {"closeness": "assert_close"},
    "utils.data": {
        "datasets": (
            "ChainDataset ConcatDataset Dataset IterableDataset StackDataset Subset TensorDataset "
            "random_split"
        ),
        "loading": "DataLoader default_collate default_convert",
        "samplers": (
            "BatchSampler RandomSampler Sampler SequentialSampler SubsetRandomSampler WeightedRandomSampler"
        ),
    },
    "nn.utils.rnn": {
        "packing": "PackedSequence pack_padded_sequence pack_sequence pad_packed_sequence",
        "sequences": "pad_sequence unpad_sequence",
    },
    "optim": {
        "optimizer": "Optimizer",
        "sgd": "SGD",
        "adam": "Adam AdamW",
        "rmsprop": "RMSprop",
        "adagrad": "Adagrad",
        "lbfgs": "LBFGS",
        "adadelta": "Adadelta",
        "adamax": "Adamax",
        "asgd": "ASGD",
        "nadam": "NAdam RAdam",
        "rprop": "Rprop",
    },
    "optim.lr_scheduler": {
        "lr_scheduler": "CosineAnnealingLR ExponentialLR LRScheduler LambdaLR MultiStepLR StepLR",
        "combining": "ChainedScheduler SequentialLR",
        "cycles": "CosineAnnealingWarmRestarts CyclicLR OneCycleLR",
        "plateau": "ReduceLROnPlateau",
        "schedules": "ConstantLR LinearLR MultiplicativeLR PolynomialLR",
    },
}

# Tensor's methods that no record gives, and that the layers below must not import: loaded when first called.
METHODS = {
    "creation": "new_empty new_full new_ones new_tensor new_zeros",
    "filling": ("bernoulli_ cauchy_ exponential_ geometric_ log_normal_ normal_ random_ uniform_"),
    "questions": "angle unique_consecutive",
    "sampling": "bernoulli multinomial",
}


def home(path: str, module: str) -> str:
    """Returns the full name of the module of ours that a namespace finds under a short one."""
    first = path.partition(".")[0]
    return f"gradcli.torch.{first}.{module}" if first in PACKAGES else f"gradcli.torch.{module}"


class Deferred(Mapping[str, Any]):
    """What a namespace holds by name: things that are there, and things whose module loads when asked for."""

    def __init__(self, path: str, ready: dict[str, Any]) -> None:
        self._ready = ready
        self._where = {
            name: home(path, module)
            for module, members in DIRECTORY.get(path, {}).items()
            for name in members.split()
        }

    def __getitem__(self, name: str) -> Any:
        if name not in self._ready:
            self._ready[name] = vars(import_module(self._where[name]))[name]
        return self._ready[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._ready | self._where

    def __len__(self) -> int:
        return len(self._ready | self._where)
