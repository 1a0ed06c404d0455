"""What constructors and methods of layer classes call the things that they ask for."""

from __future__ import annotations

CHANNELS = (
    "in_channels in_ch input_channels in_c c_in channels_in n_in channels num_channels n_channels "
    "input_depth in_dim nin c cin in_chans ch_in in_planes inplanes"
)
FILTERS = (
    "out_channels filters num_filters n_filters out_ch out_c c_out channels_out n_out "
    "output_channels num_kernels out_dim nout depth f out_features output_size units output_dim "
    "out_size n_output neurons fan_out n_outputs n_neurons m cout out_chans ch_out out_planes "
    "planes"
)
FEATURES = (
    "in_features input_size input_dim in_dim n_in in_size nin n_input fan_in n_inputs num_inputs d "
    "num_features n_features features dim channels num_channels normalized_shape size c "
    "in_channels n_channels n num_feats n_feats"
)
KERNEL = "kernel_size filter_size kernel size ksize k filter_shape kernel_shape pool_size field"
CONSTRUCTOR = {
    "channels": CHANNELS.split(),
    "filters": FILTERS.split(),
    "features": FEATURES.split(),
    "kernel_size": KERNEL.split(),
    "bias": ["bias", "use_bias"],
    "input_shape": ["input_shape"],
}
"""What constructors call the sizes that they ask for, the likeliest first."""

RATES = ("lr", "learning_rate", "learn_rate", "eta", "alpha", "step_size")
KEPT_RATES = ("lr", "learning_rate", "learn_rate", "_lr", "_learning_rate")
LABELS = ("y", "labels", "target", "targets", "y_true")
SCORES = ("x", "logits", "scores", "y_pred", "pred")
CONTEXTS = ("ctx", "context")
CACHE = ("cache", "saved", "memory")
MODES = ("training", "train", "is_training", "train_mode", "mode")
CLEARING = {
    f"{verb}{rest}"
    for verb in ("zero", "clear", "reset", "init")
    for rest in ("_grad", "_grads", "_gradient", "_gradients", "grad", "grads", "gradients")
}
"""What methods are called that set gradients to zero."""
