"""M/M/c in SimPy: REQUESTS SERVERS ARRIVALS_PER_MS MEAN_WORK_MS. Prints seconds of the processor and the mean wait in milliseconds."""

import random
import sys
import time

import simpy

requests, servers = int(sys.argv[1]), int(sys.argv[2])
arrivals_per_ms, mean_work_ms = float(sys.argv[3]), float(sys.argv[4])
waited_ms = 0.0


def request(env, replicas):
    global waited_ms
    arrived_ms = env.now
    with replicas.request() as turn:
        yield turn
        waited_ms += env.now - arrived_ms
        yield env.timeout(random.expovariate(1 / mean_work_ms))


def arrivals(env, replicas):
    for _ in range(requests):
        yield env.timeout(random.expovariate(arrivals_per_ms))
        env.process(request(env, replicas))


random.seed(1)
started = time.process_time()
env = simpy.Environment()
env.process(arrivals(env, simpy.Resource(env, capacity=servers)))
env.run()
print(time.process_time() - started, waited_ms / requests)
