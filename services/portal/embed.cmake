# Turns files into C arrays: cmake -DFILES=a;b -DOUTPUT=pages_data.c -P embed.cmake
set(arrays "")
set(rows "")
set(number 0)
foreach(file IN LISTS FILES)
    cmake_path(GET file FILENAME name)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(APPEND arrays "static const uint8_t file_${number}[] = {${bytes}};\n")
    string(APPEND rows "    {\"${name}\", file_${number}, sizeof file_${number}},\n")
    math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT}.new "/* Made by embed.cmake from services/portal/web. */
#include \"services/portal/pages.h\"

${arrays}
const struct page_file page_files[] = {
${rows}};
const size_t page_file_count = ${number};
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
