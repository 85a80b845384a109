/**
 * Milliseconds of processor time that some work takes in this process: other work on the machine does not count.
 * For what must not explode with its input; how fast things are is measured in bench/.
 */
export function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
