# web/ -> page_table.cpp, a part of the program. Node is asked for when a source of the page changed, npm's
# registry when package-lock.json did; without Node the program has no page, and says so.
option(DRAMATIS_PAGE "Build the page and put it into the program (needs Node 18 and npm)" ON)
set(DRAMATIS_PAGE_TABLE ${PROJECT_SOURCE_DIR}/web/no_page_table.cpp)
if(DRAMATIS_PAGE)
  find_program(DRAMATIS_NODE NAMES node nodejs)
  find_program(DRAMATIS_NPM npm)
  if(DRAMATIS_NODE AND DRAMATIS_NPM)
    set(web ${PROJECT_SOURCE_DIR}/web)
    set(packed ${PROJECT_BINARY_DIR}/web)
    file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS ${web}/src/*)
    list(APPEND page_sources ${web}/index.html ${web}/vite.config.ts ${web}/package.json)
    # npm writes this file last, in the folder that all presets share.
    set(modules ${web}/node_modules/.package-lock.json)
    add_custom_command(OUTPUT ${modules}
      COMMAND ${DRAMATIS_NPM} ci --no-audit --no-fund --loglevel=error
      COMMAND ${CMAKE_COMMAND} -E touch ${modules}
      DEPENDS ${web}/package-lock.json
      WORKING_DIRECTORY ${web} COMMENT "Fetching what the page is built with" VERBATIM)
    set(DRAMATIS_PAGE_TABLE ${packed}/page_table.cpp)
    add_custom_command(OUTPUT ${DRAMATIS_PAGE_TABLE}
      COMMAND ${DRAMATIS_NODE} node_modules/vite/bin/vite.js build --outDir ${packed}/dist --emptyOutDir
        --logLevel warn
      COMMAND ${DRAMATIS_NODE} tools/embed.mjs ${packed}/dist ${DRAMATIS_PAGE_TABLE}
      DEPENDS ${page_sources} ${web}/tools/embed.mjs ${modules}
      WORKING_DIRECTORY ${web} COMMENT "Building the page" VERBATIM)
  else()
    message(WARNING "There is no Node here: the program will have no page. Install nodejs and npm, or set "
      "DRAMATIS_PAGE=OFF to build without it knowingly.")
  endif()
endif()
add_library(dramatis_page STATIC ${DRAMATIS_PAGE_TABLE})
target_link_libraries(dramatis_page PRIVATE dramatis_flags)
