import type { Signal } from './schema';

type EngineKind = 'vllm' | 'llama.cpp';

/** What a signal is, without its target. */
type SignalText = Omit<Signal, 'target'>;

/**
 * Queries per engine. Each is a sum over the replicas, since an autoscaler compares it with target x replicas; a sum of nothing is nothing,
 * not 0, so that lost metrics hold the replicas instead of taking them away. tests/cluster asks every one of them of a real Prometheus
 * that scraped a real engine.
 *
 * Series of vLLM 0.32: docs/design/metrics.md of vLLM. `num_requests_waiting_by_reason{reason="capacity"}` leaves out what the scheduler
 * defers on purpose; engines before it have only the plain gauge, hence the `or`.
 * Series of llama-server: the list of ggml-org/llama.cpp tools/server/README.md, as a live server gives it; it has no KV cache series.
 */
export const SIGNALS: Readonly<Record<EngineKind, readonly SignalText[]>> = {
  vllm: [
    {
      id: 'waiting',
      title: 'requests that wait for capacity',
      role: 'driver',
      query: 'sum(vllm:num_requests_waiting_by_reason{reason="capacity",$PODS}) or sum(vllm:num_requests_waiting{$PODS})',
    },
    {
      id: 'in-flight',
      title: 'requests that run or wait',
      role: 'driver',
      query: 'sum(vllm:num_requests_running{$PODS}) + sum(vllm:num_requests_waiting{$PODS})',
    },
    { id: 'kv-cache', title: 'share of the KV cache in use', role: 'guard', query: 'sum(vllm:kv_cache_usage_perc{$PODS})' },
  ],
  'llama.cpp': [
    { id: 'waiting', title: 'requests that wait for a slot', role: 'driver', query: 'sum(llamacpp:requests_deferred{$PODS})' },
    {
      id: 'in-flight',
      title: 'requests that run or wait',
      role: 'driver',
      query: 'sum(llamacpp:requests_processing{$PODS}) + sum(llamacpp:requests_deferred{$PODS})',
    },
  ],
};
