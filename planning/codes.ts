import type { CodeTable } from '../core/codes';

const MEASURE = 'Read the range of the figure, and measure before you rely on it.';

/** Codes of `planning/`: why a plan is refused (E_), what to read although it holds (W_), and why a candidate is out. */
export const PLANNING_CODES: CodeTable = {
  E_WEIGHTS_HEADER: {
    title: 'A weight file contradicts itself',
    meaning:
      'Its header claims more than the file holds, or lengths that do not add up. The file is damaged, cut off, or of another format.',
    remedy: 'Fetch the file again; safetensors and GGUF are read.',
  },
  E_WEIGHTS_TRUNCATED: {
    title: 'A weight file ends too early',
    meaning: 'Fewer bytes came than the file or the server announced.',
    remedy: 'Fetch the file again.',
  },
  E_WEIGHTS_NO_RANGE: {
    title: 'The server does not give parts of a file',
    meaning: 'The kit reads only the header of a weight file, by range requests. It never downloads the whole file.',
    remedy: 'Download the file and name its path.',
  },
  E_WEIGHTS_REDIRECT: {
    title: 'The server redirects in a way that is not followed',
    meaning: 'More than five redirects, one without a target, or one from https to something else.',
    remedy: 'Name the final https address, or download the file.',
  },
  E_WEIGHTS_HTTP: {
    title: 'The server did not answer a range request properly',
    meaning: 'It could not be reached, answered with an error, or with other bytes than asked for.',
    remedy: 'Check the address, or download the file and name its path.',
  },
  E_CALIBRATION_INVALID: {
    title: 'The calibration file is not valid',
    meaning: 'It was not written by ovkit calibrate, or was changed.',
    remedy: 'Write it again with `npx ovkit calibrate LOG…`.',
  },
  E_MODEL_ENGINE: {
    title: 'The engine does not serve this model',
    meaning:
      'An engine knows a fixed list of architectures. Stock vLLM and llama.cpp do not know LLaVA-OneVision-1.5: vLLM PR #25666 was closed unmerged, and llama.cpp has no projector for its vision tower. A pod would fail at its start, or worse, answer garbage.',
    remedy: 'Use engine vllm-onevision, which is vLLM with the plugin of this kit, or a model that the engine serves.',
  },
  E_PRECISION: {
    title: 'The precision is not offered',
    meaning: 'Either nobody publishes the model in this numeric format, or the engine does not serve it.',
    remedy: 'Set model.precision to one that the message names.',
  },
  E_MODEL_TEXT_ONLY: {
    title: 'The load has images, the model cannot see',
    meaning: 'The model has no vision tower.',
    remedy: 'Set load.imagesPerRequest to 0, or choose a vision-language model.',
  },
  E_IMAGE_ASPECT: {
    title: 'The sides of the image differ too much',
    meaning: "The model's image processor refuses images whose sides differ by more than 200:1.",
    remedy: 'Correct load.imageWidthPx and load.imageHeightPx.',
  },
  E_CONTEXT: {
    title: 'One request is longer than the context of the model',
    meaning: 'Image, prompt and output tokens together are more than the positions the model was trained on, whatever its config claims.',
    remedy: 'Send fewer or smaller images, or fewer tokens.',
  },
  E_NO_PLACEMENT: {
    title: 'No allowed machine holds the load within the targets',
    meaning:
      'Every candidate failed on something; the plan lists each with its failing term and by how much. Memory is decided with every term at its high end, so that nothing is said to fit that does not.',
    remedy: 'Allow the family that the message names, lower the load, loosen the targets, or raise maxReplicas.',
  },
  W_PLACEMENT_UNKNOWN: {
    title: 'Nobody can tell whether an allowed machine would do',
    meaning: 'All allowed machines have a GPU whose memory or bandwidth the catalogue does not know. Unknown is never taken for a fit.',
    remedy: 'Allow another family, or add measured figures to catalog/gpus.json.',
  },
  E_BUDGET_MONTHLY: {
    title: 'The month costs more than the budget',
    meaning:
      'Nodes for the peak over all hours of use, and everything around them that cannot be switched off, come to more than budget.monthlyUsd.',
    remedy: 'Raise the budget, lower the hours or the peak, or allow cheaper machines.',
  },
  E_BUDGET_IMAGES: {
    title: '1,000 images cost more than the budget',
    meaning:
      'The whole month divided by the images of the average load is more than budget.usdPerThousandImages. A service that mostly waits is dear per image.',
    remedy: 'Raise the limit, lower load.hoursPerMonth, or use the service more.',
  },
  E_FIT_GPU_MEMORY: {
    title: 'The weights do not fit on the GPU',
    meaning:
      'Weights, buffers and activations alone take more than the engine may use of the memory that CUDA reports (not the figure of the EC2 API, which is larger).',
    remedy: 'Use a larger GPU, more GPUs per replica, or a smaller precision.',
  },
  E_FIT_KV_CACHE: {
    title: 'The KV cache left does not hold the load',
    meaning:
      'The model starts, but what is left for the KV cache holds fewer requests at once than the peak has in flight (95 % of the time). "17 GB is less than 24 GB" is the mistake this code is about.',
    remedy: 'Use a larger GPU or a smaller precision, or lower the load to what the reason says would be held.',
  },
  E_FIT_HOST_MEMORY: {
    title: "The node's own memory is too small",
    meaning: 'Processes, shared memory and the shard that is being loaded need more than Kubernetes can give of the node.',
    remedy: 'Take the next size of the family.',
  },
  E_GPU_NO_BF16: {
    title: 'The GPU has no bf16',
    meaning: 'Turing cards such as the T4 compute in fp16 only; vLLM refuses bf16 there.',
    remedy: 'Allow an Ampere or newer card, or set model.precision to fp16 after a quality test.',
  },
  E_GPU_NO_FP8: {
    title: 'The GPU has no fp8',
    meaning: 'Compute capability below 8.0 has neither fp8 arithmetic nor the weight-only kernels.',
    remedy: 'Use another precision or a newer card.',
  },
  E_GPU_NO_INT4: {
    title: 'The GPU is too old for the int4 kernels',
    meaning: 'AWQ and GPTQ kernels of vLLM need compute capability 7.5.',
    remedy: 'Use another precision or a newer card.',
  },
  E_GPU_FIGURES: {
    title: 'Memory or speed of the device is not known',
    meaning:
      'The catalogue has no checked figure of memory as CUDA reports it, of bandwidth or of arithmetic. Unknown is never taken for a fit.',
    remedy: 'Add measured figures with their source to the catalogue.',
  },
  E_GPU_FLASH_ATTENTION: {
    title: 'The GPU has no FlashAttention 2, and the model sees images',
    meaning:
      'The vision tower attends over all patches of an image at once. Without FlashAttention 2 (compute capability below 8.0) its memory may grow with the square of the patches, and nobody measured it. Unknown is never taken for a fit.',
    remedy: 'Allow an Ampere or newer card.',
  },
  E_GPU_FRACTIONAL: {
    title: 'A part of a GPU cannot be scheduled',
    meaning: 'g6f and gr6f report 0 GPUs to EC2 and Karpenter; a pod that asks for one GPU never lands there.',
    remedy: 'Take a whole GPU (g6.xlarge).',
  },
  E_NO_GPU: {
    title: 'The machine has no GPU and the engine needs one',
    meaning: 'vLLM is planned on GPUs only; its CPU build is for tests.',
    remedy: 'Allow a GPU family, or use llama.cpp with a GGUF model.',
  },
  E_ARCH: {
    title: 'The image is not built for the processor',
    meaning: "The kit's vLLM image is built for x86_64.",
    remedy: 'Allow an x86_64 family.',
  },
  E_NOT_OFFERED: {
    title: 'The type is not offered in the region',
    meaning: 'The snapshot says that the region does not have it. That is not the same as a price nobody knows.',
    remedy: 'Allow a family that the region has, or move; the plan names a region where it would do.',
  },
  E_PRICE_UNKNOWN: {
    title: 'The price is not known',
    meaning: 'The snapshot has no price of this type, region and capacity. Unknown is never 0, so it cannot be the cheapest.',
    remedy: 'Add the price with its source to catalog/instances.json.',
  },
  E_TARGET_TTFT: {
    title: 'The first token comes too late',
    meaning:
      'Even a single request takes longer than targets.timeToFirstTokenMs at the central estimate: reading the images and the prompt is bound by arithmetic.',
    remedy: 'Use a faster card, smaller images or a looser target.',
  },
  E_TARGET_TPOT: {
    title: 'The tokens come too slowly',
    meaning:
      'Even a single request takes longer per token than targets.timePerOutputTokenMs at the central estimate: decoding is bound by memory bandwidth.',
    remedy: 'Use a card with more bandwidth, a smaller precision or a looser target.',
  },
  E_REPLICAS: {
    title: 'More replicas are needed than allowed',
    meaning:
      'One replica serves only so many requests before it saturates or misses the targets; the peak needs more than placement.maxReplicas.',
    remedy: 'Raise maxReplicas (and mind the quota), lower the peak, or allow faster machines.',
  },
  E_COSTS_MORE: {
    title: 'It would do, but costs more',
    meaning: 'The candidate holds the load and meets the targets; another one does so for less a month.',
    remedy: 'Nothing to do. Narrow placement.instanceFamilies if you want it nevertheless.',
  },
  W_REGION_ALTERNATIVE: {
    title: 'Another region would be cheaper',
    meaning: 'An allowed family is not offered here, and would do for less elsewhere.',
    remedy: 'Move if the data may go there; else ignore it.',
  },
  W_PRICE_STALE: {
    title: 'The prices are old',
    meaning: 'The snapshot is older than catalog/prices.json says it may be.',
    remedy: 'Refresh them with `npx ovkit prices refresh --from URL`, see docs/prices.md.',
  },
  W_PRICE_UNKNOWN: {
    title: 'The price of the placement is not known',
    meaning: 'It fits and is fast enough, but nobody knows what it costs, so no budget can be judged.',
    remedy:
      'Give it in a file under budget.priceOverrides (docs/prices.md), or as placement.cluster.usdPerNodeHour for a cluster of your own.',
  },
  W_SPEED_UNKNOWN: {
    title: 'The speed of the placement is not known',
    meaning: 'Without memory bandwidth no time can be estimated, so no target can be judged.',
    remedy: 'Give placement.cluster.nodeMemoryBandwidthGbPerSecond.',
  },
  W_CONTRACT_ENDED: {
    title: 'A contract price has run out',
    meaning:
      'The file under budget.priceOverrides says until when its prices hold. Afterwards nobody knows them, so the list price counts.',
    remedy: 'Bring the file up to date, or remove it.',
  },
  W_SPOT_INTERRUPTION: {
    title: 'The placement is on spot capacity',
    meaning: "AWS takes spot machines away at two minutes' notice and changes their price all the time.",
    remedy: 'Add on-demand to placement.capacity if the service must not stop.',
  },
  W_SPOT_FALLBACK: {
    title: 'The budget does not hold a month on the fallback',
    meaning:
      'placement.capacity allows on-demand beside spot: where there is no spot, on-demand nodes take over at their own price. A month of that costs more than budget.monthlyUsd.',
    remedy: 'Raise the budget, or remove on-demand from placement.capacity; without spot the service then stops.',
  },
  W_HOURS_UP: {
    title: 'The nodes run longer than the plan counts',
    meaning:
      'The price counts load.hoursPerMonth, but nodes run by the clock: all month, or all month less placement.offHours. AWS bills what runs.',
    remedy: 'Set placement.offHours to the hours without a show, or load.hoursPerMonth to the hours that the nodes run.',
  },
  W_TARGET_PESSIMISTIC: {
    title: 'The targets are met only at the central estimate',
    meaning: 'Targets are decided at the central value of the speed constants. At their slow end this placement misses one.',
    remedy: MEASURE,
  },
  W_EXTRAPOLATED: {
    title: 'Speed is extrapolated',
    meaning: 'The constants were fitted on other hardware or on text models; no public measurement of LLaVA-OneVision-1.5 was found.',
    remedy: MEASURE,
  },
  W_FP8_WEIGHT_ONLY: {
    title: 'fp8 saves memory here, not time',
    meaning: 'The card has no fp8 arithmetic; weights are kept in fp8 and computed in 16 bit (Marlin).',
    remedy: 'Expect the speed of 16-bit arithmetic.',
  },
  W_REVISION_UNKNOWN: {
    title: 'The revision was never seen',
    meaning: 'The catalogue knows other revisions of this model; files and size of this one may differ.',
    remedy: 'Use a known revision, or check the files of yours.',
  },
  W_IMAGE_DOWNSCALED: {
    title: 'Images are scaled down',
    meaning: 'They have more pixels than the limit that the kit sets, so small details are lost before the model sees them.',
    remedy: 'Send crops instead of whole photos, or accept it.',
  },
};
