/** So many clients that each ask again when they are answered, of one server that serves them one after the other. */
export interface ClosedQueue {
  readonly perSecond: number;
  /** From asking the server to its answer. */
  readonly responseSeconds: number;
}

/**
 * Mean value analysis of a closed network of one server and a delay: a client that arrives sees the queue that one client fewer would leave,
 * `R(n) = s x (1 + Q(n - 1))`, `X(n) = n / (R(n) + Z)`, `Q(n) = X(n) x R(n)`.
 * Source: Reiser and Lavenberg 1980, Mean-Value Analysis of Closed Multichain Queuing Networks.
 *
 * @param serviceSeconds  s, the server's work for one request; 0 where there is none
 * @param elsewhereSeconds  Z, what a client spends until it asks again
 */
export function closedQueue(clients: number, serviceSeconds: number, elsewhereSeconds: number): ClosedQueue {
  let queue = 0;
  let result: ClosedQueue = { perSecond: clients / elsewhereSeconds, responseSeconds: 0 };
  if (serviceSeconds === 0) return result;
  for (let present = 1; present <= clients; present += 1) {
    const responseSeconds = serviceSeconds * (1 + queue);
    result = { perSecond: present / (responseSeconds + elsewhereSeconds), responseSeconds };
    queue = result.perSecond * responseSeconds;
  }
  return result;
}
