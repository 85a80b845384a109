import { Option } from 'commander';
import type { CommandSpec } from './command';

/** The commands of `ovkit`, in the order of the help. Only this table is read for --help; a command's code is loaded when it runs. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    summary: 'write a commented release.yaml; asks only in a terminal',
    example: 'npx ovkit init --name puppet-show --model 4B --region us-east-1',
    configure: (command) =>
      command
        .option('--name <name>', 'name of the release')
        .option('--owner <owner>', 'team or person who answers for it')
        .option('--cost-centre <id>', 'where the bill goes')
        .option('--model <size>', '4B or 8B')
        .option('--region <region>', 'AWS region')
        .option('--monthly-usd <usd>', 'monthly budget in US dollars')
        .option('--force', 'overwrite an existing file'),
    load: () => import('./commands/init.js'),
  },
  {
    name: 'plan',
    summary: 'what fits, how fast, at what price, and why not the others',
    example: 'npx ovkit plan --release examples/llava-onevision-1.5-8b.yaml',
    configure: (command) =>
      command
        .option('--focus <file>', 'also write the month as a FOCUS 1.2 cost file (CSV)')
        .option('--month <yyyy-mm>', 'its month; the next one by default')
        .option('--calibration <file>', 'measurements of your own, made by ovkit calibrate'),
    load: () => import('./commands/plan.js'),
  },
  {
    name: 'estimate',
    summary: 'memory, speed and price of any model on any card',
    example: 'npx ovkit estimate --model Qwen3-8B --gpu l40s --precision awq-int4 --max-model-len 1024 --concurrency 64',
    configure: (command) =>
      command
        .option('--model <name>', 'model by its Hub name, with or without organisation')
        .option('--config <file>', 'config.json of a model that the kit does not know')
        .option('--weights <file...>', 'weight files whose headers are read: safetensors or GGUF, a path or an https URL')
        .option('--gpu <key>', 'card, e.g. l40s')
        .option('--instance-type <type>', 'EC2 instance type; for its price, or instead of a card')
        .option('--region <region>', 'AWS region of the price (default us-east-1)')
        .option('--engine <name>', 'vllm, llama.cpp or trtllm (default vllm)')
        .option('--engine-version <version>', 'version of the engine; its defaults follow')
        .option('--precision <type>', 'bf16, fp16, fp8, awq-int4, gptq-int4, int8 or a GGUF type such as Q4_K_M')
        .option('--gpu-memory-utilization <share>', 'share of the memory that vLLM may take')
        .option('--max-model-len <tokens>', 'longest sequence')
        .option('--max-num-seqs <count>', 'sequences in a batch, or slots of llama-server')
        .option('--max-num-batched-tokens <tokens>', 'tokens of one step of vLLM')
        .option('--enforce-eager', 'vLLM without CUDA graphs')
        .option('--tensor-parallel <count>', 'cards that share the model')
        .option('--kv-cache-dtype <type>', 'auto, fp8, or a type of llama.cpp such as q8_0')
        .option('--input-tokens <tokens>', 'text tokens of a prompt')
        .option('--output-tokens <tokens>', 'tokens of an answer')
        .option('--concurrency <count>', 'requests at once')
        .option('--images <count>', 'images in a request')
        .option('--image-size <WxH>', 'size of an image in pixels (default 1280x960 where there are images)')
        .option('--max-pixels <pixels>', 'pixel limit of the image processor')
        .option('--calibration <file>', 'measurements of your own, made by ovkit calibrate')
        .option('--finetune <method>', 'memory, hours and price of a fine-tuning instead: lora, full or adapter')
        .option('--pairs <count>', 'fine-tuning: image-caption pairs (default 5000)')
        .option('--epochs <count>', 'fine-tuning: times that each pair is seen (default 3)')
        .option('--text-tokens <count>', 'fine-tuning: prompt and caption of a pair (default 256)')
        .option('--lora-rank <rank>', 'fine-tuning: rank of LoRA (default 16)')
        .option('--micro-batch <count>', 'fine-tuning: pairs at once on one GPU (default 1)'),
    load: () => import('./commands/estimate.js'),
  },
  {
    name: 'compare',
    summary: 'releases side by side before any endpoint exists: scores, memory, machines, speed, price, fine-tuning, licences',
    example: 'npx ovkit compare release.yaml examples/llava-onevision-1.5-8b.yaml --html out/compare.html',
    configure: (command) => command.argument('<releases...>', 'two to four release files').option('--html <file>', 'also write a page'),
    load: () => import('./commands/compare.js'),
  },
  {
    name: 'calibrate',
    summary: 'hold logs of a real engine against the estimate, for later plans',
    example: 'npx ovkit calibrate vllm.log bench.json --gpu l40s',
    configure: (command) =>
      command
        .argument('<log...>', 'start-up log of vLLM, log of llama-server, or result of vllm bench serve')
        .option('--gpu <key>', 'card that it ran on')
        .option('--instance-type <type>', 'machine that it ran on, when it has no card')
        .option('--model <name>', 'model, when the log does not say')
        .option('--precision <type>', 'precision, when the log does not say')
        .option('--engine <name>', 'engine, when the log does not say')
        .option('--engine-version <version>', 'version of the engine, when the log does not say')
        .option('--max-num-seqs <count>', 'when it was set and the log does not say')
        .option('--max-num-batched-tokens <tokens>', 'when it was set and the log does not say')
        .option('--images <count>', 'images in a request of the benchmark, when its result does not say')
        .option('--image-size <WxH>', 'their size in pixels')
        .option('--max-pixels <pixels>', 'pixel limit of the image processor, when it was set')
        .option('--name <name>', 'name of the calibration in later results')
        .option('--to <file>', 'file to write (default calibration.json in --out)'),
    load: () => import('./commands/calibrate.js'),
  },
  {
    name: 'check',
    summary: 'judge licences and availability of everything that ships or builds, offline',
    example: 'npx ovkit check --json > verdict.json',
    configure: (command) =>
      command
        .option('--format <name>', 'table, json, sarif, junit, markdown, cyclonedx, spdx or notice')
        .option('--output <file>', 'write the format there instead of to stdout (json when no format is named)')
        .option('--sarif <file>', 'also write the violations as SARIF 2.1.0')
        .option('--second-opinion', 'also ask license-checker about the installed tree; changes nothing of the verdict')
        .option('--at <time>', 'judge as of this time (RFC 3339), to reproduce a verdict'),
    load: () => import('./commands/check.js'),
  },
  {
    name: 'spdx',
    summary: 'judge one SPDX licence expression against an allow-list',
    example: 'npx ovkit spdx "MIT OR GPL-3.0-only" --allow MIT,Apache-2.0',
    configure: (command) =>
      command
        .argument('<expression>', 'what the licence field says')
        .requiredOption('--allow <ids>', 'allowed licences, separated by commas')
        .option('--or-later', 'X+ and X-or-later also satisfy an allowed X or later version'),
    load: () => import('./commands/spdx.js'),
  },
  {
    name: 'licence-text',
    summary: 'which licence a file is, word for word, and where it departs from it',
    example: 'npx ovkit licence-text LICENSE',
    configure: (command) =>
      command
        .argument('<file>', 'licence file, in any usual encoding')
        .option('--says <id>', 'licence that it is said to be; exit code 1 when it is another'),
    load: () => import('./commands/licence-text.js'),
  },
  {
    name: 'lock',
    summary:
      'read the evidence again (refresh; packages: licence files of npm packages), compare upstream with it (drift), or two locks (diff)',
    example: 'npx ovkit lock refresh --markdown out/evidence.md',
    configure: (command) =>
      command
        .argument('<verb>', 'refresh, drift, diff or packages')
        .argument('[files...]', 'two lock files, for diff')
        .option('--record <dir>', 'also write every exchange with the network into this folder')
        .option('--replay <dir>', 'answer from such a folder instead of the network')
        .option('--dry-run', 'print what would change, write nothing')
        .option('--again', 'packages: also read those whose bytes the record knows')
        .option('--markdown <file>', 'also write the changes as Markdown, for a pull request'),
    load: () => import('./commands/lock.js'),
  },
  {
    name: 'verdict',
    summary: 'sign: judge the release and sign the verdict; verify: check a signed verdict against the release',
    example: 'npx ovkit verdict sign --key ~/keys/verdict.pem',
    configure: (command) =>
      command
        .argument('<verb>', 'sign or verify')
        .requiredOption('--key <file>', 'sign: private key (PEM, ed25519 or ECDSA P-256); verify: public key')
        .option('--verdict <file>', 'the verdict; default: verdict.json in --out')
        .option('--envelope <file>', 'the DSSE envelope; default: verdict.dsse.json in --out')
        .option('--alone', 'verify: do not compare it with the release at hand')
        .option('--at <time>', 'time of the judgement or of the check (RFC 3339)'),
    load: () => import('./commands/verdict.js'),
  },
  {
    name: 'waiver',
    summary: 'draft waivers for open points, sign them, or say what each comes to',
    example: 'npx ovkit waiver sign waivers.yaml --key ~/keys/waivers.pem',
    configure: (command) =>
      command
        .argument('<verb>', 'draft, sign or verify')
        .argument('[file]', 'file of waivers; verify without it: those of the release')
        .option('--key <file>', 'sign: private key (PEM, ed25519), outside of the repository')
        .option('--id <ids...>', 'sign: just these waivers, also again')
        .option('--subject <ids...>', 'draft: just these subjects')
        .option('--days <days>', 'draft: how long they are to last', '90')
        .option('--at <time>', 'time of the check (RFC 3339)'),
    load: () => import('./commands/waiver.js'),
  },
  {
    name: 'report',
    summary: 'write report.html, plan.json and verdict.json',
    example: 'npx ovkit report --markdown out/plan.md',
    configure: (command) =>
      command.option('--sarif <file>', 'also write SARIF 2.1.0').option('--markdown <file>', 'also write a pull-request comment'),
    load: () => import('./commands/report.js'),
  },
  {
    name: 'rehearse',
    summary: 'walk the whole way on this machine: plan, check, synth, gate, chart, deploy, cluster, report',
    example: 'npx ovkit rehearse',
    configure: (command) =>
      command
        .option('--only <column>', 'one release of rehearsal/expected.json instead of all')
        .addOption(
          new Option('--cluster <which>', 'auto: where everything is built already; embedded: build it first (minutes); none: leave it out')
            .choices(['auto', 'embedded', 'none'])
            .default('auto'),
        )
        .option('--context <name>', 'take this context of your kubeconfig for the cluster stage, in a namespace that is removed again')
        .option('--kubeconfig <file>', 'kubeconfig of --context; default: what KUBECONFIG names')
        .option('--confirm-context <name>', 'the name of --context once more, where it looks like a cluster that somebody relies on'),
    load: () => import('./commands/rehearse.js'),
  },
  {
    name: 'runtime',
    summary: 'doctor: will this engine serve this model? Before anything is deployed',
    example: 'npx ovkit runtime doctor models/LLaVA-OneVision-1.5-4B-Instruct --gpu l4',
    configure: (command) =>
      command
        .argument('<verb>', 'doctor')
        .argument('[model]', 'model folder, or a model of the catalogue')
        .option('--model <id>', 'model of the catalogue that the folder holds')
        .option('--engine <name>', 'engine of the catalogue', 'vllm-onevision')
        .option('--engine-version <version>', 'version of the engine; default: that of the catalogue')
        .option('--gpu <key>', 'card of the catalogue that it is to run on')
        .option('--precision <name>', 'numeric type of the weights; default: that of config.json')
        .option('--max-model-len <tokens>', 'longest request that is to be served'),
    load: () => import('./commands/runtime.js'),
  },
  {
    name: 'image',
    summary: 'build the image of the release; with --push also push it and write its digest into the release',
    example: 'npx ovkit image build --push --repository 123456789012.dkr.ecr.us-east-1.amazonaws.com/puppet-show',
    configure: (command) =>
      command
        .argument('<verb>', 'build')
        .option('--push', 'push it to the repository, and write repository and digest into the release file')
        .option('--repository <host/name>', 'where to push: the output of the bootstrap stack; default: that of the release')
        .option('--engine-tool <name>', 'docker, podman or buildah; default: the first that answers')
        .option('--recipe <folder>', 'folder of the recipe; default: that of the release')
        .option('--build-arg <name=value...>', 'value of an ARG line of the recipe'),
    load: () => import('./commands/image.js'),
  },
  {
    name: 'bench',
    summary: 'engine: start the engine on random weights with the flags of the plan, and measure it against the plan',
    example: 'npx ovkit bench engine --work /mnt/disk/bench',
    configure: (command) =>
      command
        .argument('<verb>', 'engine, or points')
        .argument('[file...]', 'with points: results of bench engine, to be turned into entries for catalog/reference/measured-points.json')
        .option(
          '--beside <list>',
          'stock models of catalog/reference/models.json to measure in the same run, e.g. Qwen/Qwen3-VL-4B-Instruct',
        )
        .option('--bundle <dir>', 'write all that another machine needs to run the job into a folder, and start nothing')
        .option('--program <path>', 'python3 of an environment with vLLM, or the llama-server binary')
        .option('--checkpoint <path>', 'weights that are there already; default: random ones of the true dimensions')
        .option('--work <dir>', 'folder for the random weights and the log of the engine; default: OUT/bench')
        .option('--sweep <list>', 'requests in flight, one step for each; default: 1,2,4,8,16,32')
        .option('--requests <n>', 'least requests of a step; default: 16')
        .option('--tiny', 'tiny dimensions in fp32: tries every part without a GPU, and measures nothing that matters')
        .option('--job-only', 'write the job and start nothing'),
    load: () => import('./commands/bench.js'),
  },
  {
    name: 'verify',
    summary: 'does the cluster run what was judged, and does it answer? Reads only',
    example: 'npx ovkit verify --context my-cluster',
    configure: (command) =>
      command
        .option('--context <name>', 'context of the kubeconfig; default: placement.cluster.context of the release, never the current one')
        .option('--kubeconfig <file>', 'kubeconfig; default: what KUBECONFIG names')
        .option('--namespace <name>', 'namespace of the release')
        .option('--repository <repository>', 'registry and repository of the image, when the release leaves them to the bootstrap stack')
        .option('--timeout <seconds>', 'wait this long for all replicas; 0 looks once', '1800')
        .option('--no-smoke', 'do not ask the engine')
        .option('--watch', 'look again and again until something differs')
        .option('--every <seconds>', 'with --watch: seconds between two looks', '60'),
    load: () => import('./commands/verify.js'),
  },
  {
    name: 'preflight',
    summary: 'does the AWS account hold what the release will ask of it: quotas, zones, image, weights? Reads only',
    example: 'npx ovkit preflight --only quotas,offerings',
    configure: (command) =>
      command
        .option('--only <checks...>', 'account, quotas, offerings, network, image, weights; all of them by default')
        .option(
          '--account <id>',
          'AWS account that it is meant for; default: OVKIT_ACCOUNT_ID, else that of the image repository, if the release names one',
        )
        .option('--weights <s3-url>', "where the weights are mirrored; default: the bootstrap stack's bucket, MODEL/REVISION"),
    load: () => import('./commands/preflight.js'),
  },
  {
    name: 'cost',
    summary: 'actual: what the release has cost by its tags (Cost Explorer), beside the forecast of the plan',
    example: 'npx ovkit cost actual --month 2026-11',
    configure: (command) =>
      command
        .argument('<verb>', 'actual')
        .option('--month <yyyy-mm>', 'month to look at; the one that runs by default')
        .option('--by <tag>', 'also split by the values of this cost tag, e.g. Model')
        .option('--focus <file>', 'also write the actual cost as a FOCUS 1.2 cost file (CSV)'),
    load: () => import('./commands/cost.js'),
  },
  {
    name: 'explain',
    summary: 'what an error code or a rule id means and what to do',
    example: 'npx ovkit explain E_MODEL_ENGINE',
    configure: (command) => command.argument('[code]', 'error code or rule id; all of them without it'),
    load: () => import('./commands/explain.js'),
  },
  {
    name: 'catalog',
    summary: 'list or show models, engines, GPUs, instance types and prices',
    example: 'npx ovkit catalog list instances --family g6 --region us-east-1',
    configure: (command) =>
      command
        .argument('<verb>', 'list or show')
        .argument('[kind]', 'models, engines, gpus, instances or prices')
        .argument('[name]', 'what to show')
        .option('--region <region>', 'prices of this region')
        .option('--family <family>', 'instance types of this family'),
    load: () => import('./commands/catalog.js'),
  },
  {
    name: 'prices',
    summary: 'take the prices of an AWS price list into the catalogue, and print what changed',
    example:
      'npx ovkit prices refresh --region us-east-1 --from https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonEC2/current/us-east-1/index.json',
    configure: (command) =>
      command
        .argument('<verb>', 'refresh')
        .option('--from <url|file|api>', 'offer file of AmazonEC2, JSON or CSV; or "api" for the AWS Price List API with your credentials')
        .option('--region <region>', 'take this region only')
        .option('--dry-run', 'print what would change, write nothing')
        .option('--force', 'take a list that is older than the snapshot or lacks many types')
        .option('--catalog <dir>', "folder of the catalogue; the kit's own by default"),
    load: () => import('./commands/prices.js'),
  },
];
