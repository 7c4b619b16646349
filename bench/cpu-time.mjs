import { readdirSync, readFileSync } from 'node:fs';

/** Length of a tick in /proc/PID/stat: 1/100 s on every Linux that Node runs on. */
const TICK_NS = 10_000_000;

/**
 * Time that a process has spent on a CPU so far, all threads, in nanoseconds. Needs Linux.
 *
 * A thread that ends takes its time out of the sum over threads; workerd's stay. Where the kernel keeps no such
 * statistics, the coarser ones of the whole process are taken.
 */
export function cpuTimeNs(pid) {
  return ofThreads(pid) || cpuTimeOfProcessNs(pid);
}

function ofThreads(pid) {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    sum += firstNumber(`/proc/${pid}/task/${thread}/schedstat`);
  }
  return sum;
}

function firstNumber(path) {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
}

/** The same in ticks of 10 ms, with the time of threads that have ended: for processes that start and end some. */
export function cpuTimeOfProcessNs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name, in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return (userTicks + systemTicks) * TICK_NS;
}

/** How many descriptors a process has open. */
export function openFiles(pid) {
  return readdirSync(`/proc/${pid}/fd`).length;
}
