// Runs once beside the button for files. The file goes to the server inside an event, never to a disk there.
const input = element.querySelector("input");

input.addEventListener("change", () => {
  const file = input.files[0];
  if (!file) return;
  if (file.size > Number(input.dataset.most)) {
    trigger("upload", { name: file.name, size: file.size });
  } else {
    const reader = new FileReader();
    // A data address: all behind the first comma is base64, nothing for an empty file.
    reader.onload = () => trigger("upload", { name: file.name, data: reader.result.split(",")[1] ?? "" });
    reader.onerror = () => trigger("upload", { name: file.name, size: file.size });
    reader.readAsDataURL(file);
  }
  input.value = "";
});
