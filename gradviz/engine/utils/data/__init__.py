"""torch.utils.data: datasets, samplers and the loader that makes batches of them."""

from gradviz.engine.utils.data.collate import default_collate as default_collate
from gradviz.engine.utils.data.collate import default_convert as default_convert
from gradviz.engine.utils.data.dataloader import DataLoader as DataLoader
from gradviz.engine.utils.data.dataloader import get_worker_info as get_worker_info
from gradviz.engine.utils.data.dataset import ChainDataset as ChainDataset
from gradviz.engine.utils.data.dataset import ConcatDataset as ConcatDataset
from gradviz.engine.utils.data.dataset import Dataset as Dataset
from gradviz.engine.utils.data.dataset import IterableDataset as IterableDataset
from gradviz.engine.utils.data.dataset import StackDataset as StackDataset
from gradviz.engine.utils.data.dataset import Subset as Subset
from gradviz.engine.utils.data.dataset import TensorDataset as TensorDataset
from gradviz.engine.utils.data.dataset import random_split as random_split
from gradviz.engine.utils.data.sampler import BatchSampler as BatchSampler
from gradviz.engine.utils.data.sampler import RandomSampler as RandomSampler
from gradviz.engine.utils.data.sampler import Sampler as Sampler
from gradviz.engine.utils.data.sampler import SequentialSampler as SequentialSampler
from gradviz.engine.utils.data.sampler import SubsetRandomSampler as SubsetRandomSampler
from gradviz.engine.utils.data.sampler import WeightedRandomSampler as WeightedRandomSampler
