# An argument that cmake reads back as it is, whatever brackets, quotes, dollars or semicolons are in it.
function(_mxident_quoted out value)
  set(equals "=")
  while(value MATCHES "\\]${equals}\\]")
    string(APPEND equals "=")
  endwhile()
  set(${out} "[${equals}[${value}]${equals}]" PARENT_SCOPE)
endfunction()
