# The program as its users run it: the whole catalogue with the built-in verifier, the six clients of continuous
# integration on a fixed set of scenarios, bad input, an interrupt.

# Namespaces or not, the verifier must be as expected everywhere; any fault of it is a bug.
add_test(NAME program.catalogue COMMAND mxident run --client mxident --policy all --baseline none)
set_tests_properties(program.catalogue PROPERTIES LABELS scenario TIMEOUT 600)

# Without namespaces the built-in verifier runs all its cells, and dials nothing but the free ports of the mocks.
add_test(NAME program.fallback
  COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/fallback_test.py $<TARGET_FILE:mxident>)
set_tests_properties(program.fallback PROPERTIES LABELS scenario TIMEOUT 300 SKIP_RETURN_CODE 77)

# Exit code 4 or an unsupported column would pass unseen, so the script looks at the counts and skips (77) with a reason.
if("$ENV{MXIDENT_ALL_CLIENTS}" STREQUAL "1")
  set(clients all)
else()
  set(clients openssl-s_client curl gnutls-cli php-stream python-smtplib msmtp)
endif()
foreach(client IN LISTS clients)
  add_test(NAME client.${client}
    COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/client_test.py $<TARGET_FILE:mxident> ${client}
            ${PROJECT_SOURCE_DIR}/fixtures/client-test-scenarios.txt)
  set_tests_properties(client.${client} PROPERTIES LABELS client TIMEOUT 900 SKIP_RETURN_CODE 77 PROCESSORS 2)
endforeach()

# Clients that have a worker, run with it and without.
if(clients STREQUAL "all")
  file(GLOB manifests ${PROJECT_SOURCE_DIR}/harness/clients/*/client.json)
else()
  set(manifests ${PROJECT_SOURCE_DIR}/harness/clients/php-stream/client.json
                ${PROJECT_SOURCE_DIR}/harness/clients/python-smtplib/client.json)
endif()
set(worked "")
foreach(manifest IN LISTS manifests)
  file(READ ${manifest} text)
  string(JSON worker ERROR_VARIABLE no_worker GET "${text}" worker)
  if(NOT no_worker)
    string(JSON id GET "${text}" id)
    list(APPEND worked ${id})
  endif()
endforeach()
add_test(NAME client.workers
  COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/workers_test.py $<TARGET_FILE:mxident>
          ${PROJECT_SOURCE_DIR}/fixtures/client-test-scenarios.txt ${worked})
set_tests_properties(client.workers PROPERTIES LABELS client TIMEOUT 3600 SKIP_RETURN_CODE 77 PROCESSORS 2)

# A daemon beside a process for every cell, with the same agent in both.
add_test(NAME program.daemon
  COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/daemon_test.py $<TARGET_FILE:mxident>
          ${PROJECT_SOURCE_DIR}/harness/driver/testdata/queue_mta.py)
set_tests_properties(program.daemon PROPERTIES LABELS scenario TIMEOUT 900 SKIP_RETURN_CODE 77 PROCESSORS 2)

# Mail transfer agents, whole, where their packages are unpacked.
foreach(client IN ITEMS chasquid courier dma exim exim-heavy haraka opensmtpd postfix postfix-mta-sts posttls-finger
               sendmail sendmail-mta-sts)
  add_test(NAME mta.${client}
    COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/mta_test.py $<TARGET_FILE:mxident> ${client})
  set_tests_properties(mta.${client} PROPERTIES LABELS mta TIMEOUT 900 SKIP_RETURN_CODE 77 PROCESSORS 2)
endforeach()

add_test(NAME program.behaviour
  COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/program_test.py $<TARGET_FILE:mxident>)
set_tests_properties(program.behaviour PROPERTIES LABELS scenario TIMEOUT 300 SKIP_RETURN_CODE 77)

add_test(NAME program.commands
  COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/commands_test.py $<TARGET_FILE:mxident>)
set_tests_properties(program.commands PROPERTIES LABELS scenario TIMEOUT 300)

# A live server as `repro` sees it, in the sandbox of `serve`.
add_test(NAME program.live
  COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/live_test.py $<TARGET_FILE:mxident>)
set_tests_properties(program.live PROPERTIES LABELS mock TIMEOUT 300 SKIP_RETURN_CODE 77)

# Results as every format, and what hostile servers and clients said.
foreach(results run hostile cut-off)
  add_test(NAME program.formats.${results}
    COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/formats_test.py $<TARGET_FILE:mxident>
            ${PROJECT_SOURCE_DIR}/fixtures/golden/${results}.ndjson)
  set_tests_properties(program.formats.${results} PROPERTIES LABELS unit TIMEOUT 120)
endforeach()

# Killed half-way, torn, and gone on with.
add_test(NAME program.resume
  COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/resume_test.py $<TARGET_FILE:mxident>)
set_tests_properties(program.resume PROPERTIES LABELS scenario TIMEOUT 300)

# A mail server that no sandbox can hold: the same agent behind a veth pair and in the sandbox, then a hostile one.
add_test(NAME program.appliance
  COMMAND /usr/bin/python3 -I ${PROJECT_SOURCE_DIR}/harness/cli/appliance_test.py $<TARGET_FILE:mxident>
          ${PROJECT_SOURCE_DIR}/harness/driver/testdata/queue_mta.py)
set_tests_properties(program.appliance PROPERTIES LABELS scenario TIMEOUT 300 SKIP_RETURN_CODE 77)
