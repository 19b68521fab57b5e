"""Not necessary in this homework."""


class BatchNorm:
    def __init__(self, in_feature, alpha=0.9):
        raise NotImplementedError
