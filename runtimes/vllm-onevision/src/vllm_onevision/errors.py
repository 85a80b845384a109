"""What the plugin says when it cannot serve a checkpoint."""


class UnsupportedCheckpointError(ValueError):
    """The checkpoint's own files say something that this plugin does not implement; the message names file, field and value."""


class CheckpointTensorError(ValueError):
    """The tensors of the checkpoint are not the ones its configuration asks for; the message names each of them."""
