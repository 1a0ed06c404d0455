"""Answers of torch.optim or tf.keras.optimizers, in a process of their own.

    python framework_optimizers.py torch jobs.json inputs.npz answers.npz

Each job: a name, the optimizer's class and arguments, the learning rate of every step. Inputs:
`<name> w` and `<name> dw` (steps, ...). Answers: `<name>`, the parameter after every step.
"""

import json
import sys

import numpy as np


def run_torch(job, w, gradients):
    import torch

    parameter = torch.tensor(w, requires_grad=True)
    optimizer = getattr(torch.optim, job["torch"])([parameter], lr=1.0, **job["torch_arguments"])
    after = []
    for rate, dw in zip(job["rates"], gradients, strict=True):
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = torch.tensor(dw)
        optimizer.step()
        after.append(parameter.detach().numpy().copy())
    return after


def run_keras(job, w, gradients):
    import tensorflow as tf

    tf.keras.config.set_floatx("float64")  # the learning rate is kept in this dtype
    variable = tf.Variable(w)
    optimizer = getattr(tf.keras.optimizers, job["keras"])(
        learning_rate=1.0, **job["keras_arguments"]
    )
    after = []
    for rate, dw in zip(job["rates"], gradients, strict=True):
        optimizer.learning_rate = rate
        optimizer.apply_gradients([(tf.constant(dw), variable)])
        after.append(variable.numpy().copy())
    return after


def main(framework, jobs_file, inputs_file, answers_file):
    run = {"torch": run_torch, "keras": run_keras}[framework]
    with open(jobs_file) as file:
        jobs = [job for job in json.load(file) if framework in job]
    with np.load(inputs_file, allow_pickle=False) as inputs:
        answers = {
            job["name"]: run(job, inputs[f"{job['name']} w"], inputs[f"{job['name']} dw"])
            for job in jobs
        }
    np.savez(answers_file, **answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
