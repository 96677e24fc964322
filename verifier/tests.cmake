# Tests, fuzz targets and the benchmark of the core. They may link the mint; the library may not.


add_library(mxident_verifier_rows OBJECT apply_rows.cpp match_rows.cpp)
mxident_defaults(mxident_verifier_rows TEST)
target_link_libraries(mxident_verifier_rows PUBLIC mxident_verifier)

mxident_add_test(verifier_match_test LABEL unit TOGETHER
  SOURCES apply_test.cpp match_test.cpp
  LIBRARIES mxident_verifier_rows mxident_verifier)
mxident_add_test(verifier_certificate_test LABEL unit TOGETHER
  SOURCES match_certificate_test.cpp presented_test.cpp
  LIBRARIES mxident_verifier_rows mxident_verifier mxident_certs)

find_package(rapidcheck REQUIRED)
mxident_add_test(verifier_property_test LABEL unit
  SOURCES match_property_test.cpp
  LIBRARIES mxident_verifier mxident_certs rapidcheck)
mxident_add_test(verifier_chain_test LABEL unit TOGETHER
  SOURCES chain_test.cpp name_constraints_test.cpp path_search_test.cpp profile_test.cpp
  LIBRARIES mxident_verifier mxident_certs)
mxident_add_test(verifier_dane_sts_test LABEL unit TOGETHER
  SOURCES dane_test.cpp sts_test.cpp
  LIBRARIES mxident_verifier mxident_certs)

mxident_add_fuzzer(reference_fuzz SOURCES reference_fuzz.cpp LIBRARIES mxident_verifier)
mxident_add_fuzzer(certificate_fuzz SOURCES certificate_fuzz.cpp LIBRARIES mxident_verifier)
mxident_add_fuzzer(sts_fuzz SOURCES sts_fuzz.cpp LIBRARIES mxident_verifier)
mxident_add_fuzzer(tlsa_fuzz SOURCES tlsa_fuzz.cpp LIBRARIES mxident_verifier)

find_package(benchmark QUIET)
if(benchmark_FOUND)
  add_executable(mxident_match_bench EXCLUDE_FROM_ALL match_bench.cpp)
  mxident_defaults(mxident_match_bench)
  target_link_libraries(mxident_match_bench PRIVATE mxident_verifier mxident_certs benchmark::benchmark)
endif()
