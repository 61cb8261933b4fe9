; Windows setup program around the folder that `pyinstaller build.spec` makes on Windows:
;   makensis installer\captionist.nsi
; Not yet run on Windows. Installs for one user and needs no administrator.
Unicode true
Target amd64-unicode
!include "MUI2.nsh"
!ifndef VERSION
  !define VERSION "0.1.0"
!endif
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Captionist"

Name "Captionist"
OutFile "..\dist\captionist-${VERSION}-setup.exe"
InstallDir "$LOCALAPPDATA\Programs\Captionist"
RequestExecutionLevel user
SetCompressor /SOLID lzma

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "..\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Section "Install"
  SetOutPath "$INSTDIR"
  File /r "..\dist\captionist\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortCut "$SMPROGRAMS\Captionist.lnk" "$INSTDIR\captionist-desktop.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Captionist"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
SectionEnd

; Only what was installed is removed: meetings and models are kept elsewhere.
Section "Uninstall"
  Delete "$SMPROGRAMS\Captionist.lnk"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\captionist.exe"
  Delete "$INSTDIR\captionist-desktop.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd
