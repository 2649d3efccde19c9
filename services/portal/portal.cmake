# Beside its .c files the portal holds the browser pages as arrays.
file(GLOB page_files CONFIGURE_DEPENDS ${folder}/web/*)
set(pages_data ${CMAKE_CURRENT_BINARY_DIR}/portal_pages_data.c)
add_custom_command(OUTPUT ${pages_data}
    COMMAND ${CMAKE_COMMAND} "-DFILES=${page_files}" -DOUTPUT=${pages_data} -P ${folder}/embed.cmake
    DEPENDS ${page_files} ${folder}/embed.cmake
    COMMENT "Embedding the browser pages" VERBATIM)
target_sources(service-portal PRIVATE ${pages_data})
