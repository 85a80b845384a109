#!/usr/bin/env node
'use strict';
require('../dist/scripts/ovkit.js').main(process.argv.slice(2));
