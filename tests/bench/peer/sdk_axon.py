"""
The SDK's own axon, serving a forecast that is ready beforehand: what our axon is measured against. Takes the port, the
seed of its hotkey and a file with the forecast; says "ready" when it serves and ends with its standard input.
"""

import json
import sys
import tempfile
import time
from typing import List, Optional, Tuple, Union

import bittensor as bt
from bittensor_wallet import Keypair, Wallet
from pydantic import BaseModel

port, seed, output_file = int(sys.argv[1]), sys.argv[2], sys.argv[3]
with open(output_file) as file:
    ready = json.load(file)


class SimulationInput(BaseModel):
    # Defaults, because the headers carry an empty one.
    asset: str = "BTC"
    start_time: str = ""
    time_increment: int = 300
    time_length: int = 86400
    num_simulations: int = 1


class Simulation(bt.Synapse):
    simulation_input: SimulationInput
    simulation_output: Optional[Tuple[Union[int, List[Union[int, float]]], ...]] = None


async def forward(synapse: Simulation) -> Simulation:
    synapse.simulation_output = ready
    return synapse


# Its annotations must be the class itself for the axon to find it.
forward.__annotations__ = {"synapse": Simulation, "return": Simulation}

wallet = Wallet(path=tempfile.mkdtemp())
wallet.set_hotkey(Keypair.create_from_seed(seed), encrypt=False)
axon = bt.Axon(wallet=wallet, port=port, ip="127.0.0.1", external_ip="127.0.0.1")
axon.fast_config.host = "127.0.0.1"
axon.attach(forward_fn=forward)
axon.start()
while not axon.fast_server.started:
    time.sleep(0.05)
print("ready", flush=True)
sys.stdin.read()
axon.stop()
