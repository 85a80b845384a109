import type { CodeTable } from '../core/codes';

/** Codes of `runtime/`: the doctor's rules, image builds, engines and the bench. */
export const RUNTIME_CODES: CodeTable = {
  E_MODEL_FOLDER: {
    title: 'The path is not a model folder',
    meaning:
      'A model folder holds at least config.json. The doctor reads configuration, tokenizer files and weight headers of it, nothing else.',
    remedy: 'Name the folder of the downloaded snapshot, or a model of the catalogue.',
  },
  E_PRECISION_UNKNOWN: {
    title: 'There is no such precision',
    meaning: 'Precisions go by the names of release.yaml, such as bf16 or Q4_K_M.',
    remedy: 'Take one of those that the message lists.',
  },
  E_RUNTIME_VERB: {
    title: 'A command of the runtime was asked for something it does not do',
    meaning: 'The commands are `ovkit runtime doctor`, `ovkit image build`, `ovkit bench engine` and `ovkit bench points`.',
    remedy: 'See the help of the command.',
  },
  E_CACHE_UNWRITABLE: {
    title: 'The cache folder cannot be written',
    meaning:
      'Engines that the kit builds and models that it fetches for tests lie in OVKIT_CACHE_DIR, else in onevision-kit in the cache folder of the user.',
    remedy: 'Name a folder you may write to in OVKIT_CACHE_DIR.',
  },
  E_TOOL_MISSING: {
    title: 'A program that is needed is not on the PATH',
    meaning:
      'Building llama-server needs npm, git, tar, cmake and a C++ compiler; the small test model needs python3 with pip; the bench needs python3.',
    remedy: 'Install the program that the message names.',
  },
  E_TOOL_FAILED: {
    title: 'A program ended with an error',
    meaning: 'The message holds its exit code and its last lines. Nothing half-made was left in the cache.',
    remedy: 'Mend what the program names. Without a network fetching fails; what is in the cache still works.',
  },
  E_ENGINE_INTEGRITY: {
    title: 'Something that was fetched is not what the kit pins',
    meaning: 'Packages, sources and models are pinned by hash, and a copy with another hash is never used.',
    remedy: 'Try again. If it stays so, the registry or what stands before it gives out something else: do not use it.',
  },
  E_IMAGE_RELEASE: {
    title: 'The release names no recipe to build',
    meaning:
      'An image is built from engine.image.recipe of a release whose image has the state "unbuilt". A release with a digest, or with a binary on the host, has nothing to build.',
    remedy: 'Write "state: unbuilt" and "recipe: runtimes/…" under engine.image, or name another release with --release.',
  },
  E_IMAGE_RECIPE: {
    title: 'The recipe cannot be built',
    meaning: 'The folder of the recipe has no Containerfile or Dockerfile, or does not exist.',
    remedy: 'Correct engine.image.recipe, or write the recipe.',
  },
  E_IMAGE_REPOSITORY: {
    title: 'The repository to push to is missing or not well-formed',
    meaning: 'Pushing needs a registry and a repository, without tag and digest: the output "repository" of the bootstrap stack.',
    remedy: 'Name it with --repository HOST/NAME.',
  },
  E_IMAGE_ENGINE_MISSING: {
    title: 'No container engine answers',
    meaning:
      'Images are built with docker, podman or buildah. One was not found on the PATH, or it was found and its daemon does not answer.',
    remedy: 'Start the daemon or install one of the three, or build the recipe on a machine that has one; release.yaml stays as it is.',
  },
  E_IMAGE_BUILD: {
    title: 'The image did not build',
    meaning: 'The container engine ended with an error while building. Nothing was pushed and release.yaml was not touched.',
    remedy: 'Mend what the message names and build again.',
  },
  E_IMAGE_PUSH: {
    title: 'The image was not pushed',
    meaning:
      'The registry refused the image, or the connection broke. release.yaml was not touched. Layers that arrived stay at the registry and are reused by the next push.',
    remedy: 'Log in to the registry and run the command again.',
  },
  E_IMAGE_DIGEST: {
    title: 'The pushed image has no readable digest',
    meaning:
      'The digest is what the registry calls the manifest: sha256 and 64 hex digits. Anything else is never written into release.yaml.',
    remedy: 'Look at the registry for the digest of the image, and write it under engine.image by hand.',
  },
  E_RELEASE_EDIT: {
    title: 'The digest cannot be written into the release file',
    meaning:
      'The kit replaces the block engine.image only, and only where it stands as a plain block of keys. It checks that the file is still a valid release before it writes.',
    remedy: 'Write "digest: sha256:…" under engine.image by hand.',
  },
  E_BENCH: {
    title: 'The bench did not run to its end',
    meaning:
      'The checkpoint could not be written, the engine did not start, or it stopped answering. What was measured before that is not written as a result.',
    remedy: 'Read the engine log that the message names, mend what it says, and run it again.',
  },
  'OVK-RUN-001': {
    title: 'The version of the engine was not proven',
    meaning: 'The plugin uses inner classes of vLLM, which change from release to release. It refuses to load into another series.',
    remedy: 'Use the version of the catalogue, or prove the runtime on the new one first (`npm run test:runtime`).',
  },
  'OVK-RUN-002': {
    title: 'The engine does not know the architecture',
    meaning: 'An engine serves the architectures in its registry. Stock vLLM and llama.cpp do not know LLaVA-OneVision-1.5.',
    remedy: 'Use vllm-onevision for LLaVA-OneVision-1.5.',
  },
  'OVK-RUN-003': {
    title: 'The model is a text-only model',
    meaning: 'Without a vision tower the engine may start and answer questions about pictures that it never saw.',
    remedy: 'Take the whole vision-language model.',
  },
  'OVK-RUN-004': {
    title: 'Dimensions are missing, or do not fit each other',
    meaning:
      'The sizes in config.json and in the processor settings must agree, and the runtime implements one kind of tower and language model.',
    remedy: 'Take all files from one revision of the model.',
  },
  'OVK-RUN-005': {
    title: 'The engine has no attention kernel for this head size',
    meaning: 'Attention kernels exist for certain sizes of a head. With another one the engine stops at its start.',
    remedy: 'Nothing can be set; the published 4B and 8B have 128, which works.',
  },
  'OVK-RUN-006': {
    title: 'temporal_patch_size is not 1',
    meaning:
      'The processor is Qwen2.5-VL’s, whose default is 2. LLaVA-OneVision-1.5 takes single images: with 2 the patches do not fit the tower.',
    remedy: 'Write "temporal_patch_size": 1 in preprocessor_config.json.',
  },
  'OVK-RUN-007': {
    title: 'The pixel limits are not set, or leave no size',
    meaning:
      'An image costs one token per 28x28 pixels after it was resized into the limits. Without limits of its own a library decides, and versions differ.',
    remedy: 'Keep --mm-processor-kwargs of the plan, or write min_pixels and max_pixels.',
  },
  'OVK-RUN-008': {
    title: 'The image processor is not the one the model was trained with',
    meaning: 'Another class resizes or normalises otherwise, or does not load at all (Qwen2VLImageProcessorFast on stock vLLM).',
    remedy: 'Write Qwen2VLImageProcessor in preprocessor_config.json.',
  },
  'OVK-RUN-009': {
    title: 'The card and the numeric type',
    meaning:
      'Cards before compute capability 8.0, such as the T4, have no bf16. fp16 has less range, and this model was not checked in it.',
    remedy: 'Take a later card, or prove fp16 on the golden images.',
  },
  'OVK-RUN-010': {
    title: 'Configuration and tokenizer do not mean the same tokens',
    meaning:
      'The id of the image token decides where image features go. A wrong one, or a wrong end of text, gives garbage without an error.',
    remedy: 'Take config.json, generation_config.json and the tokenizer files from one revision.',
  },
  'OVK-RUN-011': {
    title: 'The chat template is missing or leaves images out',
    meaning: 'The template writes the prompt. It must give an image its place: <|vision_start|><|image_pad|>.',
    remedy: 'Take chat_template.jinja from the model repository.',
  },
  'OVK-RUN-012': {
    title: 'The context is longer than what was trained',
    meaning: 'All published stages train at 32,768 tokens. The 262,144 in the 4B’s config.json are inherited from Qwen3.',
    remedy: 'Keep --max-model-len at 32,768 or less; the plan does.',
  },
  'OVK-RUN-013': {
    title: 'The version of transformers',
    meaning:
      'The model’s Python code answers garbage without an error on transformers 5 (EvolvingLMMs-Lab/LLaVA-OneVision-2#108). The kit’s plugin runs none of that code. A folder that transformers 5 wrote may have renamed settings.',
    remedy: 'Use vllm-onevision with the published files.',
  },
  'OVK-RUN-014': {
    title: 'A weight file is truncated or not safetensors',
    meaning:
      'The header says how many bytes the tensors need, and the file has fewer, or the header cannot be read. A Git LFS pointer looks like this, too.',
    remedy: 'Download the file again and compare its hash.',
  },
  'OVK-RUN-015': {
    title: 'Weight files are missing',
    meaning: 'The index names the files that make up the model, and one of them, or the index itself, is not in the folder.',
    remedy: 'Download what is missing, from the same revision.',
  },
  'OVK-RUN-016': {
    title: 'The weights are not those of config.json',
    meaning:
      'Names and shapes in the headers differ from what the architecture has with these dimensions. An engine may drop some in silence.',
    remedy: 'Take config.json and weights from the same revision.',
  },
  'OVK-RUN-017': {
    title: 'The model is quantised, and this was not measured',
    meaning: 'No quantised build of LLaVA-OneVision-1.5 was seen or measured by the kit.',
    remedy: 'Compare its answers on the golden images with those of the bf16 model.',
  },
  'OVK-RUN-018': {
    title: 'A file beside the weights is missing or broken',
    meaning:
      'Processor and tokenizer files decide what the model sees. A broken one stops the engine; a missing one may be replaced by a default.',
    remedy: 'Take the file from the model repository again.',
  },
  'OVK-RUN-019': {
    title: 'Something could not be looked at',
    meaning: 'What nobody looked at is unknown, and never counted as right.',
    remedy: 'Run the doctor where the files are.',
  },
  'OVK-RUN-020': {
    title: 'The base of the rotary positions is not set',
    meaning:
      'Without text_config.rope_theta an engine takes a default. 4B has 5,000,000 and 8B has 1,000,000; with the wrong one answers are wrong in silence.',
    remedy: 'Write the value of the published config.json.',
  },
};
