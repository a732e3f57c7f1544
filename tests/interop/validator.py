"""
Calls our axon as validators do, with the real SDK: once through its own Dendrite, and once with an httpx client that
sends what the SDK's Synapse serialises to, as the Synth validator does. Reads its task from standard input as JSON and
prints one JSON object of results; the caller judges them.
"""

import asyncio
import json
import sys
import time
import uuid
from typing import List, Optional, Tuple, Union

import bittensor as bt
import httpx
from bittensor.core.synapse import Synapse, TerminalInfo
from bittensor.core.settings import version_as_int
from bittensor.utils import networking
from bittensor_wallet import Keypair
from pydantic import BaseModel

LOOPBACK = "127.0.0.1"

# The SDK would ask web services for this; there is no network here.
networking.get_external_ip = lambda: "203.0.113.9"


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

    def deserialize(self):
        return self.simulation_output


def shape(output) -> dict:
    """What matters of a forecast, small enough to print."""
    if output is None:
        return {"paths": 0}
    paths = output[2:]
    return {
        "start": output[0],
        "step": output[1],
        "paths": len(paths),
        "points": sorted({len(path) for path in paths}),
        "smallest": min(min(path) for path in paths),
        "types": sorted({type(price).__name__ for path in paths for price in path}),
    }


class Validator:
    def __init__(self, seed: str, prompt: dict):
        self.keypair = Keypair.create_from_seed(seed)
        self.uuid = str(uuid.uuid1())
        self.prompt = prompt

    def synapse(self) -> Simulation:
        return Simulation(simulation_input=SimulationInput(**self.prompt))

    def signed(self, miner: dict, nonce: int, timeout: float, receiver: Optional[str] = None) -> Simulation:
        """The synapse as the validator sends it to one miner of a batch; `receiver` signs for somebody else."""
        synapse = self.synapse()
        synapse.timeout = timeout
        synapse.dendrite = TerminalInfo(
            ip="203.0.113.9",
            version=version_as_int,
            nonce=nonce,
            uuid=self.uuid,
            hotkey=self.keypair.ss58_address,
        )
        synapse.axon = TerminalInfo(ip=LOOPBACK, port=miner["port"], hotkey=receiver or miner["hotkey"])
        message = f"{nonce}.{self.keypair.ss58_address}.{synapse.axon.hotkey}.{self.uuid}.{synapse.body_hash}"
        synapse.dendrite.signature = f"0x{self.keypair.sign(message).hex()}"
        return synapse

    async def batch(self, miners: list, timeout: float) -> list:
        """One nonce for all miners, all requests at once, one wall-clock limit for the whole of each call."""
        body = self.synapse().model_dump()
        nonce = time.time_ns()
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=25)
        async with httpx.AsyncClient(http2=True, limits=limits, timeout=timeout) as client:
            calls = [self.one(client, miner, self.signed(miner, nonce, timeout), body, timeout) for miner in miners]
            return await asyncio.gather(*calls)

    async def one(self, client: httpx.AsyncClient, miner: dict, synapse: Simulation, body: dict, timeout: float) -> dict:
        return await self.post(client, miner, synapse.to_headers(), body, timeout)

    async def post(self, client: httpx.AsyncClient, miner: dict, headers: dict, body: dict, timeout: float) -> dict:
        url = f"http://{LOOPBACK}:{miner['port']}/Simulation"
        response = await asyncio.wait_for(client.post(url, headers=headers, json=body), timeout)
        result = {
            "status": response.status_code,
            "http": response.http_version,
            "encoding": response.headers.get("content-encoding"),
        }
        if response.status_code != 200:
            return {**result, **response.json()}
        answer = Simulation(**response.json())
        from_headers = Synapse.from_headers(dict(response.headers))
        return {
            **result,
            "header_status": from_headers.axon.status_code,
            "body_status": answer.axon.status_code,
            "echo": answer.simulation_input.model_dump(),
            **shape(answer.simulation_output),
        }


async def with_dendrite(keypair: Keypair, prompt: dict, miners: list, timeout: float) -> list:
    axons = [
        bt.AxonInfo(version=1, ip=LOOPBACK, port=m["port"], ip_type=4, hotkey=m["hotkey"], coldkey=m["hotkey"])
        for m in miners
    ]
    results = []
    async with bt.Dendrite(wallet=keypair) as dendrite:
        for axon in axons:
            synapse = Simulation(simulation_input=SimulationInput(**prompt))
            answer = await dendrite.call(target_axon=axon, synapse=synapse, timeout=timeout, deserialize=False)
            results.append(
                {
                    "success": answer.is_success,
                    "status": answer.dendrite.status_code,
                    "message": answer.dendrite.status_message,
                    **shape(answer.simulation_output),
                }
            )
    return results


async def main() -> None:
    task = json.load(sys.stdin)
    prompt, miners, seeds, timeout = task["prompt"], task["miners"], task["seeds"], task["timeout"]
    validator = Validator(seeds["validator"], prompt)
    other = miners[1]["hotkey"]
    results = {
        "dendrite": await with_dendrite(validator.keypair, prompt, miners, timeout),
        "dendrite_unpermitted": await with_dendrite(Keypair.create_from_seed(seeds["unpermitted"]), prompt, miners[:1], timeout),
        "batch": await validator.batch(miners, timeout),
    }

    body = validator.synapse().model_dump()
    first = miners[0]
    async with httpx.AsyncClient(http2=True, timeout=timeout) as client:

        async def refused(name: str, headers: dict) -> None:
            results[name] = await validator.post(client, first, headers, body, timeout)

        good = validator.signed(first, time.time_ns(), timeout).to_headers()
        results["headers"] = good
        await refused("fresh", good)
        await refused("replayed", good)
        unsigned = validator.signed(first, time.time_ns(), timeout).to_headers()
        del unsigned["bt_header_dendrite_signature"]
        await refused("unsigned", unsigned)
        await refused("empty_signature", {**unsigned, "bt_header_dendrite_signature": ""})
        hour_ago = time.time_ns() - 3_600 * 10**9
        stale = Validator(seeds["validator"], prompt)
        await refused("stale", stale.signed(first, hour_ago, timeout).to_headers())
        elsewhere = validator.signed(first, time.time_ns(), timeout, receiver=other).to_headers()
        await refused("wrong_receiver", elsewhere)
        await refused("wrong_receiver_hidden", {**elsewhere, "bt_header_axon_hotkey": first["hotkey"]})
        for name in ("unpermitted", "poor", "unregistered"):
            caller = Validator(seeds[name], prompt)
            await refused(name, caller.signed(first, time.time_ns(), timeout).to_headers())
    print(json.dumps(results))


asyncio.run(main())
