"""PyTorch with timm's definitions, and their export for ONNX Runtime.

    measure_pytorch.py NETWORK THREADS BATCH [bf16]
    measure_pytorch.py NETWORK THREADS export FILE.onnx

channels_last and inference_mode, bf16 by autocast; from the files a DataLoader with as many
workers as cores, Pillow, nearest-pixel resizing.  timm's ResNet50 strides in the 3×3
convolution, Keras's in the 1×1 before it: the same weights' shapes, 6 % more multiply-adds.
"""
import json
import os
import sys

import numpy as np
import timm
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

import worker

NAME = {'ResNet50': 'resnet50', 'InceptionV3': 'inception_v3', 'Xception': 'legacy_xception'}


class FromPixels(torch.nn.Module):
    """float32 or uint8 (n, side, side, 3), 0 to 255 → features (n, 2048)."""

    def __init__(self, network):
        super().__init__()
        self.network = timm.create_model(NAME[network], pretrained=False, num_classes=0)
        self.scaled = worker.scaled(network)

    def forward(self, pictures):
        x = pictures.permute(0, 3, 1, 2).float()    # already channels_last in memory
        return self.network(x / 127.5 - 1 if self.scaled else x)


def build(network):
    """The network on seeded weights, batch norm calibrated on 16 pictures (see measure_keras3)."""
    torch.manual_seed(1)
    model = FromPixels(network).to(memory_format=torch.channels_last)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.
    with torch.no_grad():
        model.train()(torch.from_numpy(worker.pictures(worker.side(network), 16)))
    return model.eval()


def multiply_adds(model, side):
    """Of one picture, by PyTorch's own counter, which counts two operations for each."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, side, side, 3))
    return counter.get_total_flops() // 2


class Pictures(torch.utils.data.Dataset):
    def __init__(self, side):
        self.side, self.files = side, worker.image_files()

    def __getitem__(self, index):
        with Image.open(self.files[index % len(self.files)]) as picture:
            resized = picture.convert('RGB').resize((self.side, self.side), Image.NEAREST)
        return np.array(resized)


def measured(network, threads, batch, bf16):
    model, side = build(network), worker.side(network)

    def features(tensor):
        with torch.inference_mode(), torch.autocast('cpu', torch.bfloat16, enabled=bf16):
            return model(tensor).float().numpy()

    indices = []        # in batches; the loader's workers stay from one pass to the next
    loader = torch.utils.data.DataLoader(Pictures(side), batch_sampler=indices,
                                         num_workers=threads, persistent_workers=True)

    def files(count):
        indices[:] = [range(i, min(i + batch, count)) for i in range(0, count, batch)]
        return np.concatenate([features(pictures) for pictures in loader])

    facts = {'versions': {'torch': torch.__version__, 'timm': timm.__version__},
             'multiply_adds': multiply_adds(model, side), 'threads': torch.get_num_threads()}
    worker.serve(network, lambda x: features(torch.from_numpy(x)), files, facts)


def export(network, name):
    """FILE.onnx, any batch size, and FILE.onnx.json with what the exported network is."""
    model, side = build(network), worker.side(network)
    batch = torch.export.Dim('batch', min=1, max=1024)
    torch.onnx.export(model, (torch.zeros(2, side, side, 3),), name + '.part', dynamo=True,
                      input_names=['pictures'], output_names=['features'], external_data=False,
                      dynamic_shapes=({0: batch},), verbose=False)
    with open(name + '.json', 'w') as f:
        json.dump({'multiply_adds': multiply_adds(model, side),
                   'exported_by': 'torch %s, timm %s' % (torch.__version__, timm.__version__)}, f)
    os.rename(name + '.part', name)


def main(network, threads, batch, *rest):
    torch.set_num_threads(threads)
    if batch == 'export':
        export(network, *rest)
    else:
        measured(network, threads, int(batch), 'bf16' in rest)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
