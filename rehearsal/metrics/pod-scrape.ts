import { POD_RELABELING } from '../../charts/pod-scrape';
import type { ScrapeJob } from './prometheus';

/**
 * Scrapes the pods of a release by the rules with which the kit's own Prometheus does on AWS. The last rule is the rehearsal's: a pod's address
 * 10.A.B.C is this machine's 127.A.B.C.
 * @param discovery  address that lists the pods of the namespace and leads to them, see `startPodDiscovery`
 */
export function podScrapeJob(discovery: string, namespace: string, workload: string): ScrapeJob {
  return {
    job_name: `podMonitor/${namespace}/${workload}/0`,
    http_sd_configs: [{ url: discovery, refresh_interval: '1s' }],
    proxy_url: discovery,
    metrics_path: '/metrics',
    relabel_configs: [
      ...POD_RELABELING,
      { target_label: 'job', replacement: workload },
      { source_labels: ['__address__'], regex: '10\\.(.+)', target_label: '__address__', replacement: '127.$1' },
    ],
  };
}
