"""The machine under a run: its processor, memory and disk, its limits, processes of ours."""
